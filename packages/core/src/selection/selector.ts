import { wouldTry } from '../key/account-health.js'
import { isInferred } from '../key/cooldown.js'
import type { Key, KeyAccount } from '../key/key.js'
import type { Quota } from '../limit/quota.js'
import type { Candidate } from '../strategy/strategy.js'
import { CurrentRequest } from './current-request.js'
import { Grant } from './grant.js'
import { activeCooldown, ineligibleReasonOf, isBusy, lacksFunds } from './key-eligibility.js'
import type { KeyRequest } from './key-request.js'
import type { CachedRefusal, ModelRegistry } from './model-registry.js'
import type { Quotas } from './quotas.js'
import { busyRefusal, type Refusal, refusalFor } from './refusal.js'
import { type Eligibility, eligibilityOf, type PoolLimits } from './request-eligibility.js'
import type { Roster } from './roster.js'
import type { Rosters } from './rosters.js'

export interface SelectorParts extends PoolLimits {
  readonly rosters: Rosters
  readonly models: ModelRegistry
  readonly quotas: Quotas
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, KeyAccount>
}

/** Who serves next, and how many are being served: rosters, limits, places. */
export class Selector {
  readonly #parts: SelectorParts
  /** Counts what may have made a key eligible that was not. */
  #epoch = 0
  #inFlight = 0
  readonly #request: CurrentRequest
  /** Whose strategy chose; null when there was nothing to choose. */
  #roster: Roster | null = null

  constructor(parts: SelectorParts) {
    this.#parts = parts
    this.#request = new CurrentRequest(parts.models.entryOf(''))
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Gives a key its place in the rosters, after something about it has changed. */
  update(key: Key): void {
    const reason = ineligibleReasonOf(key, this.#parts.concurrency)
    this.#parts.rosters.review(key, reason)
    if (reason === undefined || reason === 'exhausted') this.#epoch++
  }

  updateAll(account: KeyAccount): void {
    for (const key of account.keys) this.update(key)
  }

  remove(key: Key): void {
    this.#parts.rosters.review(key, 'disabled')
  }

  /** The attempt that serves next, counted as running; or why there is none. */
  take(keyRequest: KeyRequest, now: number): Grant | Refusal {
    const { models } = this.#parts
    const full = this.#fullRefusal()
    if (full !== null) return full
    const model = models.entryOf(keyRequest.model)
    this.#request.take(keyRequest, model, now)
    const cached = keyRequest.isFree ? model.cachedFreeRefusal : model.cachedRefusal
    if (cached !== null && this.#isStuck(cached, now)) return stillRefused(cached, now)
    const key = this.#choose()
    return key === undefined ? this.#refuse(now) : this.#begin(key)
  }

  /** Gives back the places that an attempt took; `tokens` is what it really used, `isRefused` that it did not run. */
  release(grant: Grant, now: number, used: { tokens: number | null; isRefused: boolean }): void {
    const { key, account, quota } = grant
    if (grant.isSettled) return
    const { concurrency } = this.#parts
    if (quota === null) grant.isSettled = true
    else quota.settle(grant, used, now)
    const wasBusy = isBusy(key, concurrency) || account.inFlight >= concurrency.account
    key.inFlight--
    account.inFlight--
    this.#inFlight--
    this.#parts.pacing?.end()
    grant.entry.epoch++
    if (!wasBusy) return
    this.updateAll(account)
    // It may have moved meanwhile, and then both accounts have a place more.
    if (key.account !== account && key.isHeld) this.update(key)
  }

  /** What an answered call used, for estimates and rates. */
  count(
    { account, entry }: Grant,
    usage: { totalTokens: number; completionTokens: number },
    now: number,
  ): void {
    // One that has left meanwhile counts nothing any more.
    if (this.#parts.rosters.usesRates && account.keys.size > 0) account.noteTokens(usage.totalTokens, now)
    entry.learnOutput(usage.completionTokens)
  }

  /** Anything may have changed: keys came or went, a mode was set. */
  invalidate(): void {
    this.#epoch++
  }

  /** How every key stands to a request, and who would serve it; null when its strategy cannot tell in advance. */
  survey(
    keyRequest: KeyRequest,
    now: number,
  ): { chosen: Key | undefined | null; eligibilities: Map<Key, Eligibility> } {
    const { models, accounts, quotas, keys } = this.#parts
    const request = this.#request
    request.take(keyRequest, models.entryOf(keyRequest.model), now)
    // Limits hold from the first call on.
    for (const account of accounts.values()) quotas.of(account, request.model)
    request.estimate()
    const ask = request.snapshot()
    const eligibilities = new Map<Key, Eligibility>()
    const isFull = this.#fullRefusal() !== null
    for (const key of keys.values()) {
      const eligibility = eligibilityOf(key, ask, this.#parts)
      eligibilities.set(key, isFull && eligibility.why === null ? noPlace : eligibility)
    }
    return { chosen: isFull ? undefined : this.#foresee(eligibilities), eligibilities }
  }

  /** That as many calls run as the whole pool may make. */
  #fullRefusal(): Refusal | null {
    const { concurrency, pacing } = this.#parts
    if (this.#inFlight >= concurrency.pool) return busyRefusal('limits.concurrency.pool')
    return pacing === null || pacing.mayStart() ? null : busyRefusal('pacing.inFlight')
  }

  #choose(): Key | undefined {
    const { asked } = this.#request
    this.#roster = null
    const few = this.#fewThatMay()
    if (few !== null) {
      // Limits hold from the first call on, before anybody is looked at.
      for (const key of few) this.#hasRoom(key)
      return this.#chooseAmong(few)
    }
    const key = this.#pick(this.#acceptsReady)
    if (key !== undefined || asked.lastResorts <= 0) return key
    const resting = this.#pick(this.#acceptsResting)
    if (resting !== undefined) asked.lastResorts--
    return resting
  }

  /** What costs nothing is served by accounts without money first. */
  #pick(accepts: (candidate: Candidate) => boolean): Key | undefined {
    const { asked, isFree } = this.#request
    if (isFree) {
      this.#roster = this.#parts.rosters.spare
      const spared = this.#roster.pick(accepts, asked)
      if (spared !== undefined) return spared
    }
    this.#roster = this.#rosterOf(asked)
    return this.#roster.pick(accepts, asked)
  }

  /** Whom `#pick` would give; null when the strategy cannot tell in advance. */
  #peek(accepts: (candidate: Candidate) => boolean): Key | undefined | null {
    const { asked, isFree } = this.#request
    const spared = isFree ? this.#parts.rosters.spare.peek(accepts, asked) : undefined
    return spared === undefined ? this.#rosterOf(asked).peek(accepts, asked) : spared
  }

  /** The keys of the one account that may serve, or those of a full pacing window; null when the choice is free. */
  #fewThatMay(): Iterable<Key> | null {
    const { account, now } = this.#request.asked
    const { pacing, accounts } = this.#parts
    if (account !== null) return accounts.get(account)?.keys ?? []
    return pacing?.isFull(now) === true ? pacing.chosen(now) : null
  }

  /** Of few keys the one with the fewest calls running; those that rest by our own guess last. */
  #chooseAmong(few: Iterable<Key>): Key | undefined {
    const request = this.#request
    const ask = request.snapshot()
    const eligibilities = Array.from(few, (key) => ({ key, ...eligibilityOf(key, ask, this.#parts) }))
    const ready = leastBusy(eligibilities.filter(({ why }) => why === null))
    if (ready !== undefined || request.asked.lastResorts <= 0) return ready
    const { tried } = request.asked
    const resting = leastBusy(
      eligibilities.filter(({ key, why }) => why === 'resting' && tried?.has(key) !== true),
    )
    if (resting !== undefined) request.asked.lastResorts--
    return resting
  }

  #rosterOf(keyRequest: KeyRequest): Roster {
    const { model, isFree } = this.#request
    return model.roster ?? this.#parts.rosters.ofRequest(isFree, keyRequest)
  }

  /** Whom `#choose` would give; asks those who were surveyed, because to ask for real leaves traces. */
  #foresee(eligibilities: ReadonlyMap<Key, Eligibility>): Key | undefined | null {
    const few = this.#fewThatMay()
    if (few !== null) return this.#chooseAmong(few)
    const ready = this.#peek((candidate) => eligibilities.get(candidate as Key)?.why === null)
    if (ready !== undefined) return ready
    return this.#peek((candidate) => eligibilities.get(candidate as Key)?.why === 'resting')
  }

  readonly #acceptsReady = (candidate: Candidate): boolean => {
    const key = candidate as Key
    return this.#restOf(key) === undefined && this.#accepts(key)
  }

  readonly #acceptsResting = (candidate: Candidate): boolean => {
    const key = candidate as Key
    return this.#restOf(key) === 'resting' && this.#accepts(key)
  }

  /** The key's rest on the model. One that the upstream asked for is noted, so that the next pick need not look for it. */
  #restOf(key: Key): 'cooling' | 'resting' | undefined {
    const { model, asked } = this.#request
    if (asked.now < model.accountIndex.coolsUntil(key.accountNumber)) return 'cooling'
    if (!key.account.hasCooldowns) return undefined
    const rest = activeCooldown(key, model.name, asked.now)
    if (rest === undefined) return undefined
    if (isInferred(rest)) return 'resting'
    model.accountIndex.recordCooldown(key.accountNumber, rest.until)
    return 'cooling'
  }

  /** Whether nothing but a rest on the model stands between a seated key and the request. */
  #accepts(key: Key): boolean {
    const request = this.#request
    const { model, asked } = request
    const { tried, now } = asked
    if (tried?.has(key) === true || model.access?.allows(key) === false) return false
    const { account } = key
    if ((account.health.status !== 'ready' || account.isLow) && lacksFunds(key, request.needsOn(key.site)))
      return false
    const { pacing, concurrency } = this.#parts
    if (pacing !== null && !pacing.allows(key, now)) return false
    if (isBusy(key, concurrency)) return false
    return this.#hasRoom(key)
  }

  #hasRoom({ accountNumber, account }: Key): boolean {
    const { model, asked, demand } = this.#request
    const { table } = this.#parts.quotas
    const block = model.accountIndex.blockOf(accountNumber)
    if (block !== 0 && table.fits(block, demand, asked.now)) return true
    const quota = account.quotas.get(model.name) ?? this.#firstQuota(account)
    // To be held back is what lets a learned bound grow.
    return quota === null || quota.fits(demand, asked.now) || quota.hold(demand, asked.now)
  }

  /** A limit that is declared holds from the first call on; the first of tokens makes the estimate matter. */
  #firstQuota(account: KeyAccount): Quota | null {
    const quota = this.#parts.quotas.of(account, this.#request.model)
    if (quota !== null) this.#request.estimate()
    return quota
  }

  #begin(key: Key): Grant {
    const { account } = key
    const { asked, model, demand } = this.#request
    const { now } = asked
    const { rosters, pacing } = this.#parts
    const roster = this.#roster
    const grant = new Grant({
      key,
      entry: model,
      needs: this.#request.needsOn(key.site),
      startedAt: now,
      roster,
      quota: this.#count(key),
      tokens: demand.tokens,
      images: demand.images,
      session: roster?.usesSession === true ? asked.session : null,
      client: asked.client ?? null,
    })
    key.inFlight++
    account.inFlight++
    this.#inFlight++
    key.requests++
    if (rosters.usesRates) account.noteRequest(now)
    pacing?.begin(key, now)
    this.#markTrial(grant)
    return grant
  }

  /** Counts the request against the limits, and tells where. */
  #count({ accountNumber, account }: Key): Quota | null {
    const { model, demand, asked } = this.#request
    const { quotas } = this.#parts
    const block = model.accountIndex.blockOf(accountNumber)
    if (block !== 0) {
      quotas.table.count(block, demand, asked.now)
      return model.accountIndex.quotaOf(accountNumber)
    }
    const quota = quotas.begin(account, model)
    quota?.count(demand, asked.now)
    return quota
  }

  #markTrial(grant: Grant): void {
    const { key, account, needs } = grant
    const isOfAccount = account.trial === null && wouldTry(account.health, needs)
    const isOfKey = key.trial === null && key.health.status === 'probing'
    if (isOfAccount) account.trial = grant
    if (isOfKey) key.trial = grant
    if (isOfAccount || isBusy(key, this.#parts.concurrency)) this.updateAll(account)
    else if (isOfKey) this.update(key)
  }

  #isStuck(cached: CachedRefusal, now: number): boolean {
    const { asked, model, demand } = this.#request
    if (asked.tried !== null || asked.account !== null) return false
    if (cached.epoch !== this.#epoch + model.epoch || now >= cached.until) return false
    return demand.tokens >= cached.tokens && demand.images >= cached.images
  }

  #refuse(now: number): Refusal {
    const parts = this.#parts
    const { asked, model } = this.#request
    const ask = this.#request.snapshot()
    // Of a pool of 100,000 keys one account's few are all that matter to what it owns.
    const owners = asked.account === null ? undefined : parts.accounts.get(asked.account)?.keys
    const eligibilities = function* (): Generator<Eligibility> {
      for (const key of owners ?? parts.keys.values()) yield eligibilityOf(key, ask, parts)
    }
    const refusal = refusalFor(eligibilities(), model.name, now)
    const isOfAll = asked.tried === null && asked.account === null
    if (isOfAll && asked.lastResorts > 0) this.#remember(refusal, now)
    return refusal
  }

  /** What nobody can serve now, nobody can serve until a rest ends or something changes. */
  #remember(refusal: Refusal, now: number): void {
    const { model, demand, asked } = this.#request
    const until = now + (refusal.retryAfterMs ?? unknownEndMs)
    const cached = { refusal, until, epoch: this.#epoch + model.epoch, ...demand }
    if (asked.isFree) model.cachedFreeRefusal = cached
    else model.cachedRefusal = cached
  }
}

/** Eligible, but all places of the pool are taken. */
const noPlace: Eligibility = { why: 'busy', until: null, detail: null }

/** How long it is believed that nobody can serve, when no end is known. */
const unknownEndMs = 1_000

/** The refusal with what is left of its time. */
function stillRefused({ refusal, until }: CachedRefusal, now: number): Refusal {
  return refusal.retryAfterMs === undefined ? refusal : { ...refusal, retryAfterMs: until - now }
}

function leastBusy(eligibilities: readonly { readonly key: Key }[]): Key | undefined {
  return eligibilities.reduce<Key | undefined>(
    (best, { key }) => (best === undefined || key.inFlight < best.inFlight ? key : best),
    undefined,
  )
}
