import type { Quota, QuotaSnapshot } from '../limit/quota.js'
import { RecentRate } from '../limit/recent-rate.js'
import type { Cooldown } from './cooldown.js'
import { type Health, isTimed, ready } from './health.js'
import type { Key } from './key.js'
import type { Turn } from './turn.js'

/** Money left at the upstream, with where the figure comes from and how old it is. */
export interface Balance {
  /** Decimal string, null when nothing is known. */
  readonly amount: string | null
  readonly currency: string
  /** `known`: the upstream said so. `estimated`: the operator said so. `unsupported`: the upstream no longer tells. */
  readonly source: 'known' | 'estimated' | 'unknown' | 'unsupported'
  /** When the figure was taken, in milliseconds since the Unix epoch. */
  readonly at: number | null
}

/** What is remembered of an account and one model. */
export type StoredQuota = QuotaSnapshot & { readonly model: string }

/** Model names come from clients, so what is remembered of them is bounded. */
const maxPastCooldowns = 256
const maxQuotas = 256

/** What the upstream limits and bills. Holds at least one key; keys that name no account have one each. */
export class Account {
  readonly id: string
  readonly keys: Set<Key> = new Set()
  /** Counts what has become of its health and its rests, for whoever stores them. */
  changes = 0
  #health: Health = ready
  /** The one attempt that may find out whether a rest is really over; null unless the health is `probing`. */
  trial: Turn | null = null
  /** When the last of its rests on models ends; 0 without any. Spares most picks a look at the rests. */
  restsUntil = 0
  readonly #cooldowns = new Map<string, Cooldown>()
  /** What it may still use of each model; only models that were asked for under it. */
  readonly quotas: Map<string, Quota> = new Map()
  /** The quota that was asked for last: most accounts serve the same model over and over. */
  #latestModel: string | null = null
  #latestQuota: Quota | undefined
  /** Its state has changed since the store was last told. */
  isUnsaved = false
  /** Attempts running now, under any of its keys. */
  inFlight = 0
  /** Requests begun and tokens used lately, whatever the model. */
  readonly requestRate: RecentRate = new RecentRate()
  readonly tokenRate: RecentRate = new RecentRate()
  /** The balance as a number, for strategies that compare; null when nothing is known. */
  funds: number | null = null
  #balance: Balance | null = null

  constructor(id: string) {
    this.id = id
  }

  get health(): Health {
    return this.#health
  }

  set health(health: Health) {
    this.#health = health
    this.changes++
  }

  get balance(): Balance | null {
    return this.#balance
  }

  set balance(balance: Balance | null) {
    this.#balance = balance
    this.funds = balance?.amount == null ? null : Number(balance.amount)
  }

  /** Rests by model. Entries that are over stay until a success, because the next rest grows from them. */
  get cooldowns(): ReadonlyMap<string, Cooldown> {
    return this.#cooldowns
  }

  /** Notes a rest, and forgets those that are over when there are too many to remember. */
  rest(cooldown: Cooldown, now: number): void {
    const cooldowns = this.#cooldowns
    if (cooldowns.size >= maxPastCooldowns) {
      for (const [model, { until }] of cooldowns) if (until <= now) cooldowns.delete(model)
    }
    cooldowns.set(cooldown.model, cooldown)
    this.restsUntil = Math.max(this.restsUntil, cooldown.until)
    this.changes++
  }

  /** Takes over the running rests of what turns out to be the same account; of two on one model the later end holds. */
  joinRests(other: Account, now: number): void {
    for (const cooldown of other.cooldowns.values()) {
      const own = this.#cooldowns.get(cooldown.model)?.until ?? now
      if (cooldown.until > own) this.rest(cooldown, now)
    }
  }

  /** The rest on a model counts no more, nor what led to it. */
  forgetRest(model: string): void {
    this.#cooldowns.delete(model)
    if (this.#cooldowns.size === 0) this.restsUntil = 0
    this.changes++
  }

  forgetRests(): void {
    this.#cooldowns.clear()
    this.restsUntil = 0
  }

  quotaOf(model: string): Quota | undefined {
    if (this.#latestModel === model) return this.#latestQuota
    const quota = this.quotas.get(model)
    if (quota === undefined) return undefined
    this.#latestModel = model
    this.#latestQuota = quota
    return quota
  }

  /** Notes what counts for a model, and forgets another when there are too many to remember. */
  keepQuota(model: string, quota: Quota): void {
    if (this.quotas.size >= maxQuotas) this.#forgetQuota()
    this.quotas.set(model, quota)
    this.#latestModel = null
  }

  /** Of the models that nothing limits the one noted first: made-up names must not wipe out what was counted. */
  #forgetQuota(): void {
    let forgotten: string | undefined
    for (const [model, quota] of this.quotas) {
      forgotten ??= model
      if (quota.isLimited) continue
      forgotten = model
      break
    }
    if (forgotten !== undefined) this.quotas.delete(forgotten)
  }

  /** What must outlive the process of limits learned and amounts counted. */
  quotaStates(now: number): StoredQuota[] {
    const states: StoredQuota[] = []
    for (const [model, quota] of this.quotas) {
      const snapshot = quota.snapshot(now)
      if (snapshot !== null) states.push({ ...snapshot, model })
    }
    return states
  }

  /** Moves the rests along with a clock that was set forth or back, so that they keep their lengths. */
  moveRests(byMs: number): void {
    const { health } = this
    this.restsUntil += byMs
    if (isTimed(health)) this.health = { ...health, until: health.until + byMs }
    for (const [model, { since, until, ...rest }] of this.#cooldowns) {
      this.#cooldowns.set(model, { ...rest, since: since + byMs, until: until + byMs })
    }
  }
}
