import { wouldBeTrial } from '../key/account-health.js'
import { endOfCooldown } from '../key/cooldown.js'
import type { Key, KeyAccount } from '../key/key.js'
import { PoolGrowth } from '../limit/pool-growth.js'
import type { Quota, ReservationUse } from '../limit/quota.js'
import type { Candidate } from '../strategy/strategy.js'
import { boundKeys, chooseBound } from './bound-keys.js'
import { CurrentRequest } from './current-request.js'
import { Grant } from './grant.js'
import {
  activeCooldown,
  ineligibleReasonOf,
  isBusy,
  lacksFunds,
  reasonOfCooldown,
} from './key-eligibility.js'
import type { KeyRequest } from './key-request.js'
import type { ModelRegistry } from './model-registry.js'
import { Places } from './places.js'
import type { Quotas } from './quotas.js'
import { type Refusal, refusalFor } from './refusal.js'
import { RefusalCache } from './refusal-cache.js'
import { type Eligibility, eligibilityOf, type PoolLimits } from './request-eligibility.js'
import type { Roster } from './roster.js'
import type { Rosters } from './rosters.js'
import { mayGoBeyond, type Survey, survey } from './survey.js'

export interface SelectorParts extends PoolLimits {
  readonly rosters: Rosters
  readonly models: ModelRegistry
  readonly quotas: Quotas
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, KeyAccount>
}

/** Picks the key that serves a request next, counts the attempt as running, and takes its place back at its end. */
export class Selector {
  readonly #parts: SelectorParts
  readonly #places: Places
  readonly #refusals = new RefusalCache()
  readonly #request: CurrentRequest
  /** The roster whose strategy chose; null when there was nothing to choose. */
  #roster: Roster | null = null
  /** The key that was chosen is to go beyond a learned limit. */
  #isBeyond = false

  constructor(parts: SelectorParts) {
    this.#parts = parts
    this.#places = new Places(parts)
    this.#request = new CurrentRequest(parts.models.entryOf(''))
  }

  /** Attempts that run now, in the whole pool. */
  get inFlight(): number {
    return this.#places.inFlight
  }

  /** Moves a key into or out of the rosters, after something about it has changed. */
  update(key: Key): void {
    const reason = ineligibleReasonOf(key, this.#places.concurrency)
    this.#parts.rosters.update(key, reason)
    // An exhausted key may still serve what costs nothing.
    if (reason === undefined || reason === 'exhausted') this.#refusals.invalidate()
  }

  updateAll(account: KeyAccount): void {
    for (const key of account.keys) this.update(key)
  }

  remove(key: Key): void {
    this.#parts.rosters.update(key, 'disabled')
  }

  /** Forgets all remembered refusals: keys came or went, or the key mode changed. */
  invalidate(): void {
    this.#refusals.invalidate()
  }

  /** Returns the attempt that serves next, counted as running, or why there is none. */
  take(keyRequest: KeyRequest, now: number): Grant | Refusal {
    const full = this.#places.fullRefusal()
    if (full !== null) return full
    const model = this.#parts.models.entryOf(keyRequest.model)
    this.#request.set(keyRequest, model, now)
    const cached = this.#refusals.find(model, keyRequest, this.#request.demand)
    if (cached !== null) return cached
    const key = this.#choose()
    return key === undefined ? this.#refuse() : this.#begin(key)
  }

  /** Gives back the places and reservations of an attempt: once, whatever is reported later. */
  release(grant: Grant, now: number, used: ReservationUse): void {
    const { key, account, quota } = grant
    if (grant.isSettled) return
    if (quota === null) grant.isSettled = true
    else quota.settle(grant, used, now)
    const wasBusy = this.#places.end(grant)
    this.#refusals.invalidateModel(grant.entry)
    if (!wasBusy) return
    this.updateAll(account)
    // The operator may have moved the key to another account meanwhile: then both have a place more.
    if (key.account !== account && key.isHeld) this.update(key)
  }

  /** Records what an answered call used, for estimates and rates. */
  recordUsage(
    { account, entry }: Grant,
    usage: { totalTokens: number; completionTokens: number },
    now: number,
  ): void {
    // An account without keys has left the pool, and its row of recent use with it.
    if (this.#parts.rosters.usesRates && account.keys.size > 0) account.recordTokens(usage.totalTokens, now)
    entry.learnOutput(usage.completionTokens)
  }

  survey(keyRequest: KeyRequest, now: number): Survey {
    return survey(keyRequest, now, { ...this.#parts, places: this.#places })
  }

  #choose(): Key | undefined {
    const { asked } = this.#request
    this.#roster = null
    this.#isBeyond = false
    const bound = boundKeys(asked, this.#parts)
    if (bound !== null) {
      // A declared limit holds from the first call on, so its quota must exist before any key is looked at.
      for (const key of bound) this.#hasRoom(key)
      return chooseBound(bound, this.#request, this.#places)
    }
    const key = this.#pick(this.#acceptsReady)
    if (key !== undefined || asked.lastResorts <= 0) return key
    const beyond = this.#pickBeyond()
    if (beyond !== undefined) return beyond
    const cooling = this.#pick(this.#acceptsInferred)
    if (cooling !== undefined) asked.lastResorts--
    return cooling
  }

  /** Only learned limits are in the way: a request goes beyond one of them, when it is time to find out whether they hold. */
  #pickBeyond(): Key | undefined {
    const { model } = this.#request
    if (!mayGoBeyond(this.#request)) return undefined
    model.growth ??= new PoolGrowth()
    const key = this.#pick(this.#acceptsBeyond)
    this.#isBeyond = key !== undefined
    return key
  }

  /** Lets accounts without money serve first what costs nothing. */
  #pick(accepts: (candidate: Candidate) => boolean): Key | undefined {
    const { asked, isFree } = this.#request
    if (isFree) {
      this.#roster = this.#parts.rosters.spare
      const spare = this.#roster.pick(accepts, asked)
      if (spare !== undefined) return spare
    }
    this.#roster = this.#request.rosterIn(this.#parts.rosters)
    return this.#roster.pick(accepts, asked)
  }

  readonly #acceptsReady = (candidate: Candidate): boolean => {
    const key = candidate as Key
    return this.#cooldownOf(key) === undefined && this.#accepts(key)
  }

  readonly #acceptsInferred = (candidate: Candidate): boolean => {
    const key = candidate as Key
    return this.#cooldownOf(key) === 'inferred-cooldown' && this.#accepts(key)
  }

  readonly #acceptsBeyond = (candidate: Candidate): boolean => {
    const key = candidate as Key
    if (this.#cooldownOf(key) !== undefined || !this.#accepts(key, false)) return false
    const { model, asked, demand } = this.#request
    return key.account.quotas.get(model.name)?.mayGoBeyond(demand, asked.now) === true
  }

  /** Returns how the key cools down on the model. An explicit cooldown is recorded, so that the next pick need not look. */
  #cooldownOf(key: Key): 'cooling' | 'inferred-cooldown' | undefined {
    const { model, asked } = this.#request
    if (asked.now < model.accountIndex.coolsUntil(key.accountNumber)) return 'cooling'
    if (!key.account.hasCooldowns) return undefined
    const cooldown = activeCooldown(key, model.name, asked.now)
    if (cooldown === undefined) return undefined
    const reason = reasonOfCooldown(cooldown)
    if (reason === 'cooling') model.accountIndex.recordCooldown(key.accountNumber, endOfCooldown(cooldown))
    return reason
  }

  /** Whether a key of the roster may serve the request, its cooldown on the model apart. */
  #accepts(key: Key, keepsLimits = true): boolean {
    const request = this.#request
    const { model, asked } = request
    const { tried, now } = asked
    if (tried?.has(key) === true || model.access?.allows(key) === false) return false
    const { account } = key
    if ((account.health.status !== 'ready' || account.isLow) && lacksFunds(key, request.needsOn(key.site)))
      return false
    return this.#places.hasPlace(key, now) && (!keepsLimits || this.#hasRoom(key))
  }

  /** Whether the request fits the limits of the key's account on the model. */
  #hasRoom({ accountNumber, account }: Key): boolean {
    const { model, asked, demand } = this.#request
    const { table } = this.#parts.quotas
    const block = model.accountIndex.blockOf(accountNumber)
    if (block !== 0 && table.fits(block, demand, asked.now)) return true
    const quota = account.quotas.get(model.name) ?? this.#firstQuota(account)
    // A learned limit grows only when it holds back a request.
    return quota === null || quota.fits(demand, asked.now) || quota.onBlocked(demand, asked.now)
  }

  /** Makes the quota of a declared limit before its first call; the first limit of tokens makes the estimate matter. */
  #firstQuota(account: KeyAccount): Quota | null {
    const quota = this.#parts.quotas.of(account, this.#request.model)
    if (quota !== null) this.#request.estimate()
    return quota
  }

  #begin(key: Key): Grant {
    const { asked, model, demand } = this.#request
    const { now } = asked
    const roster = this.#roster
    const grant = new Grant({
      key,
      entry: model,
      askedModel: asked.askedModel ?? asked.model,
      needs: this.#request.needsOn(key.site),
      startedAt: now,
      roster,
      quota: this.#reserve(key),
      tokens: demand.tokens,
      images: demand.images,
      session: roster?.usesSession === true ? asked.session : null,
      client: asked.client ?? null,
    })
    grant.isBeyond = this.#isBeyond
    if (this.#isBeyond) model.growth?.begin()
    if (key.account.hasCooldowns) key.account.tryAfterCooldown(model.name, now)
    this.#places.begin(key, now)
    key.requests++
    if (this.#parts.rosters.usesRates) key.account.recordRequest(now)
    this.#markTrial(grant)
    return grant
  }

  /** Counts the request against the limits, and returns where. */
  #reserve({ accountNumber, account }: Key): Quota | null {
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
    const isOfAccount = account.trial === null && wouldBeTrial(account.health, needs)
    const isOfKey = key.trial === null && key.health.status === 'probing'
    if (isOfAccount) account.trial = grant
    if (isOfKey) key.trial = grant
    if (isOfAccount || isBusy(key, this.#places.concurrency)) this.updateAll(account)
    else if (isOfKey) this.update(key)
  }

  #refuse(): Refusal {
    const { keys, accounts } = this.#parts
    const { asked, model, demand } = this.#request
    const beyondAt = model.hasLearned && asked.lastResorts > 0 ? model.growth?.opensAt(asked.now) : undefined
    const snapshot = { ...this.#request.snapshot(), beyondAt: beyondAt ?? Number.POSITIVE_INFINITY }
    const places = this.#places
    // What one account owns is refused by its own keys: the other 100,000 are not asked.
    const owners = asked.account === null ? undefined : accounts.get(asked.account)?.keys
    const eligibilities = function* (): Generator<Eligibility> {
      for (const key of owners ?? keys.values()) yield eligibilityOf(key, snapshot, places)
    }
    const refusal = refusalFor(eligibilities(), model.name, asked.now)
    this.#refusals.remember(model, asked, demand, refusal)
    return refusal
  }
}
