import type { Account, StoredQuota } from './key/account.js'
import { hindranceOfKey, hindranceOnModel, isBusy, lacksFunds } from './key/eligibility.js'
import { type NeededFunds, wouldTry } from './key/health.js'
import type { Key } from './key/key.js'
import { busyRefusal, type Refusal, refusalFor } from './key/refusal.js'
import { type Ask, type HouseRules, type Standing, standingOf } from './key/standing.js'
import type { Turn } from './key/turn.js'
import type { DeclaredLimits } from './limit/limit-options.js'
import type { Limits } from './limit/limits.js'
import { Quota } from './limit/quota.js'
import type { Impasse, ModelBook, ModelEntry } from './model-book.js'
import type { Roster } from './strategy/roster.js'
import type { Rosters } from './strategy/rosters.js'
import type { Candidate, PickRequest } from './strategy/strategy.js'

/** What a request wants of the next lease. What costs a reading of its body is read only where it matters. */
export interface Wanted extends PickRequest {
  /** `''` when the request names none. */
  readonly model: string
  /** Set by the pool with each take. */
  now: number
  /** Keys that served this request already; null before the first attempt. */
  tried: ReadonlySet<Key> | null
  /** How many more keys that rest by our own guess this request may wake. */
  lastResorts: number
  /** The only account that may serve it; null for any. */
  readonly account: string | null
  /** It costs nothing, whatever its model. */
  readonly isFree: boolean
  /** Tokens of the input, estimated by its size. */
  readonly promptTokens: number
  /** The most output that the request allows; null when it does not say. */
  readonly maxOutput: number | null
  /** Pictures it asks for. */
  readonly images: number
  readonly isStream: boolean
}

export interface SelectionParts extends HouseRules {
  readonly rosters: Rosters
  readonly models: ModelBook
  readonly limits: DeclaredLimits
  /** Whether limits are learned. */
  readonly learns: boolean
  readonly dayOffsetMs: number
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, Account>
}

/** Who serves next, and how many are being served: rosters, limits, places. */
export class Selection {
  readonly #parts: SelectionParts
  /** Counts what may have made a key eligible that was not. */
  #epoch = 0
  #inFlight = 0
  // The request being served by `take`, held here so that a pick allocates nothing.
  #wanted: Wanted = anything
  #model: ModelEntry
  /** Whose strategy chose; null when there was nothing to choose. */
  #roster: Roster | null = null
  readonly #demand = { tokens: 0, images: 0 }

  constructor(parts: SelectionParts) {
    this.#parts = parts
    this.#model = parts.models.entryOf('')
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Gives a key its place in the rosters, after something about it has changed. */
  seat(key: Key): void {
    const hindrance = hindranceOfKey(key, this.#parts.concurrency)
    this.#parts.rosters.review(key, hindrance)
    if (hindrance === undefined || hindrance === 'exhausted') this.#epoch++
  }

  seatAll(account: Account): void {
    for (const key of account.keys) this.seat(key)
  }

  unseat(key: Key): void {
    this.#parts.rosters.review(key, 'disabled')
  }

  /** The attempt that serves next, counted as running; or why there is none. */
  take(wanted: Wanted, now: number): Turn | Refusal {
    const { concurrency, pacing, models } = this.#parts
    if (this.#inFlight >= concurrency.pool) return busyRefusal('limits.concurrency.pool')
    if (pacing !== null && !pacing.mayStart()) return busyRefusal('pacing.inFlight')
    const model = models.entryOf(wanted.model)
    this.#prepare(wanted, model, now)
    const { impasse } = model
    if (impasse !== null && this.#isStuck(impasse, now)) return stillRefused(impasse, now)
    const key = this.#choose()
    return key === undefined ? this.#refuse(now) : this.#begin(key)
  }

  /** Gives back the places that an attempt took; `tokens` is what it really used, `isRefused` that it did not run. */
  release(turn: Turn, now: number, used: { tokens: number | null; isRefused: boolean }): void {
    const { key, account, quota, reservation } = turn
    if (turn.isReleased) return
    const { concurrency } = this.#parts
    turn.isReleased = true
    const wasBusy = isBusy(key, concurrency) || account.inFlight >= concurrency.account
    key.inFlight--
    account.inFlight--
    this.#inFlight--
    this.#parts.pacing?.end()
    if (quota !== null && reservation !== null) quota.settle(reservation, used, now)
    turn.entry.epoch++
    if (!wasBusy) return
    this.seatAll(account)
    // It may have moved meanwhile, and then both accounts have a place more.
    if (key.account !== account && key.isHeld) this.seat(key)
  }

  /** Goes on with what an account had used and learned when it was last stored. */
  restoreQuotas(account: Account, states: readonly StoredQuota[], now: number): void {
    const { learns, dayOffsetMs, limits, models } = this.#parts
    for (const { model, ...snapshot } of states) {
      const entry = models.entryOf(model)
      const declared = limits.of(account.id, model, entry.limits)
      const quota = Quota.restore({ limits: declared, learns, dayOffsetMs }, snapshot, now)
      account.keepQuota(model, quota)
      if (limitsTokens(declared) || limitsTokens(quota.bounds())) entry.countsTokens = true
    }
  }

  /** What an answered call used, for estimates and rates. */
  count(
    { account, entry }: Turn,
    usage: { totalTokens: number; completionTokens: number },
    now: number,
  ): void {
    if (this.#parts.rosters.usesRates) account.tokenRate.add(usage.totalTokens, now)
    entry.learnOutput(usage.completionTokens)
  }

  /** Anything may have changed: keys came or went, a mode was set. */
  refresh(): void {
    this.#epoch++
  }

  /** How every key stands to a request, and who would serve it; null when its strategy cannot tell in advance. */
  survey(wanted: Wanted, now: number): { chosen: Key | undefined | null; standings: Map<Key, Standing> } {
    this.#prepare(wanted, this.#parts.models.entryOf(wanted.model), now)
    const chosen = this.#foresee()
    const ask = this.#ask()
    const standings = new Map<Key, Standing>()
    for (const key of this.#parts.keys.values()) standings.set(key, standingOf(key, ask, this.#parts))
    return { chosen, standings }
  }

  #prepare(wanted: Wanted, model: ModelEntry, now: number): void {
    wanted.now = now
    this.#wanted = wanted
    this.#model = model
    this.#estimate()
  }

  #estimate(): void {
    const wanted = this.#wanted
    const model = this.#model
    // How much output a request allows is found by a look at its body, so only where it matters.
    const maxOutput = model.countsTokens ? wanted.maxOutput : null
    this.#demand.tokens = model.expectedTokens(wanted.promptTokens, maxOutput)
    this.#demand.images = wanted.images
  }

  #choose(): Key | undefined {
    const wanted = this.#wanted
    this.#roster = null
    const few = this.#fewThatMay()
    if (few !== null) return this.#chooseAmong(few)
    if (this.#isFree) {
      this.#roster = this.#parts.rosters.spare
      const spared = this.#roster.pick(this.#acceptsReady, wanted)
      if (spared !== undefined) return spared
    }
    this.#roster = this.#rosterOf(wanted)
    const key = this.#roster.pick(this.#acceptsReady, wanted)
    if (key !== undefined || wanted.lastResorts <= 0) return key
    const resting = this.#roster.pick(this.#acceptsResting, wanted)
    if (resting !== undefined) wanted.lastResorts--
    return resting
  }

  /** The keys of the one account that may serve, or those of a full pacing window; null when the choice is free. */
  #fewThatMay(): Iterable<Key> | null {
    const { account, now } = this.#wanted
    const { pacing, accounts } = this.#parts
    if (account !== null) return accounts.get(account)?.keys ?? []
    return pacing?.isFull(now) === true ? pacing.chosen(now) : null
  }

  /** Of few keys the one with the fewest calls running; those that rest by our own guess last. */
  #chooseAmong(few: Iterable<Key>): Key | undefined {
    // Limits hold from the first call on, before anybody is looked at.
    for (const { account } of few) this.#hasRoom(account)
    const ask = this.#ask()
    const standings = Array.from(few, (key) => ({ key, ...standingOf(key, ask, this.#parts) }))
    const ready = leastBusy(standings.filter(({ why }) => why === null))
    if (ready !== undefined || this.#wanted.lastResorts <= 0) return ready
    const resting = leastBusy(standings.filter(({ why }) => why === 'resting'))
    if (resting !== undefined) this.#wanted.lastResorts--
    return resting
  }

  #rosterOf(wanted: Wanted): Roster {
    return this.#model.roster ?? this.#parts.rosters.ofRequest(this.#isFree, wanted)
  }

  /** Whom `#choose` would give. */
  #foresee(): Key | undefined | null {
    const wanted = this.#wanted
    const few = this.#fewThatMay()
    if (few !== null) return this.#chooseAmong(few)
    const spared = this.#isFree ? this.#parts.rosters.spare.peek(this.#acceptsReady, wanted) : undefined
    if (spared !== undefined) return spared
    const roster = this.#rosterOf(wanted)
    const ready = roster.peek(this.#acceptsReady, wanted)
    return ready === undefined ? roster.peek(this.#acceptsResting, wanted) : ready
  }

  readonly #acceptsReady = (candidate: Candidate): boolean =>
    this.#accepts(candidate as Key) &&
    hindranceOnModel(candidate as Key, this.#model.name, this.#wanted.now) === undefined

  readonly #acceptsResting = (candidate: Candidate): boolean =>
    this.#accepts(candidate as Key) &&
    hindranceOnModel(candidate as Key, this.#model.name, this.#wanted.now) === 'resting'

  /** Whether nothing but a rest on the model stands between a seated key and the request. */
  #accepts(key: Key): boolean {
    const model = this.#model
    const { tried, now } = this.#wanted
    if (tried?.has(key) === true || model.access?.allows(key) === false) return false
    const { account } = key
    if (account.health.status !== 'ready' && lacksFunds(key, this.#needsOn(key.site))) return false
    const { pacing, concurrency } = this.#parts
    if (pacing !== null && !pacing.allows(key, now)) return false
    if (isBusy(key, concurrency)) return false
    return this.#hasRoom(account)
  }

  #hasRoom(account: Account): boolean {
    const { now } = this.#wanted
    const quota = this.#quotaOf(account)
    // To be held back is what lets a learned bound grow.
    return quota === null || quota.fits(this.#demand, now) || quota.hold(this.#demand, now)
  }

  /** What the account may still use of the model; null where nothing is counted yet. */
  #quotaOf(account: Account): Quota | null {
    const { name, limits: catalogue } = this.#model
    const known = account.quotaOf(name)
    if (known !== undefined) return known
    const declared = this.#parts.limits.of(account.id, name, catalogue)
    return declared === null ? null : this.#newQuota(account, declared)
  }

  #newQuota(account: Account, limits: Limits | null): Quota {
    const { learns, dayOffsetMs } = this.#parts
    const quota = new Quota({ limits, learns, dayOffsetMs })
    account.keepQuota(this.#model.name, quota)
    if (limitsTokens(limits) && !this.#model.countsTokens) {
      this.#model.countsTokens = true
      this.#estimate()
    }
    return quota
  }

  #begin(key: Key): Turn {
    const { account } = key
    const { now } = this.#wanted
    const model = this.#model
    const roster = this.#roster
    const needs = this.#needsOn(key.site)
    const quota = this.#quotaOf(account) ?? (this.#parts.learns ? this.#newQuota(account, null) : null)
    const turn: Turn = {
      key,
      account,
      model: model.name,
      entry: model,
      needs,
      startedAt: now,
      roster,
      quota,
      reservation: quota?.reserve(this.#demand, now) ?? null,
      session: roster?.usesSession === true ? this.#wanted.session : null,
      isReleased: false,
    }
    key.inFlight++
    account.inFlight++
    this.#inFlight++
    key.requests++
    key.lastUsedAt = now
    if (this.#parts.rosters.usesRates) account.requestRate.add(1, now)
    this.#parts.pacing?.begin(key, now)
    this.#markTrial(turn)
    return turn
  }

  #markTrial(turn: Turn): void {
    const { key, account, needs } = turn
    const isOfAccount = account.trial === null && wouldTry(account.health, needs)
    const isOfKey = key.trial === null && key.health.status === 'probing'
    if (isOfAccount) account.trial = turn
    if (isOfKey) key.trial = turn
    if (isOfAccount || isBusy(key, this.#parts.concurrency)) this.seatAll(account)
    else if (isOfKey) this.seat(key)
  }

  get #isFree(): boolean {
    return this.#wanted.isFree || this.#model.needs === 'nothing'
  }

  #needsOn(site: string): NeededFunds {
    return this.#wanted.isFree ? 'nothing' : this.#model.needsOn(site)
  }

  #isStuck(impasse: Impasse, now: number): boolean {
    const { tried, account, isFree } = this.#wanted
    if (tried !== null || account !== null || isFree) return false
    if (impasse.epoch !== this.#epoch + this.#model.epoch || now >= impasse.until) return false
    return this.#demand.tokens >= impasse.tokens && this.#demand.images >= impasse.images
  }

  #refuse(now: number): Refusal {
    const { keys } = this.#parts
    const ask = this.#ask()
    const parts = this.#parts
    const standings = function* (): Generator<Standing> {
      for (const key of keys.values()) yield standingOf(key, ask, parts)
    }
    const refusal = refusalFor(standings(), this.#model.name, now)
    const { tried, account, lastResorts } = this.#wanted
    if (tried === null && account === null && lastResorts > 0 && !this.#wanted.isFree)
      this.#remember(refusal, now)
    return refusal
  }

  /** What nobody can serve now, nobody can serve until a rest ends or something changes. */
  #remember(refusal: Refusal, now: number): void {
    const until = now + (refusal.retryAfterMs ?? unknownEndMs)
    const epoch = this.#epoch + this.#model.epoch
    this.#model.impasse = { refusal, until, epoch, ...this.#demand }
  }

  #ask(): Ask {
    const { model, now, tried, account, isFree } = this.#wanted
    const entry = this.#model
    return {
      model,
      now,
      tried,
      account,
      demand: { ...this.#demand },
      access: entry.access,
      needsOn: (site) => (isFree ? 'nothing' : entry.needsOn(site)),
    }
  }
}

const limitsTokens = (limits: Limits | null): boolean =>
  limits?.TPM !== undefined || limits?.TPD !== undefined

/** How long it is believed that nobody can serve, when no end is known. */
const unknownEndMs = 1_000

/** The refusal with what is left of its time. */
function stillRefused({ refusal, until }: Impasse, now: number): Refusal {
  return refusal.retryAfterMs === undefined ? refusal : { ...refusal, retryAfterMs: until - now }
}

function leastBusy(standings: readonly { readonly key: Key }[]): Key | undefined {
  return standings.reduce<Key | undefined>(
    (best, { key }) => (best === undefined || key.inFlight < best.inFlight ? key : best),
    undefined,
  )
}

/** Stands where no request has come yet. */
const anything: Wanted = {
  model: '',
  now: 0,
  session: null,
  tried: null,
  lastResorts: 0,
  account: null,
  promptTokens: 0,
  maxOutput: null,
  images: 0,
  isStream: false,
  isFree: false,
}
