import { SmallSet } from '../collections/small-set.js'
import type { Quota, QuotaSnapshot } from '../limit/quota.js'
import { RecentUse, unitColumn } from '../limit/recent-use.js'
import { type Balance, baselineOf } from '../money/balance.js'
import { BalanceTracker, type Charge } from '../money/balance-tracker.js'
import type { Baseline } from '../money/estimate.js'
import { type Health, isTimed, ready } from './account-health.js'
import type { Cooldown } from './cooldown.js'
/** What is remembered of an account and one model. */
export type StoredQuota = QuotaSnapshot & { readonly model: string }

/** Model names come from clients, so what is remembered of them is bounded. */
const maxPastCooldowns = 256
const maxQuotas = 256

/** Shared by all accounts that have none. */
const noCooldowns: ReadonlyMap<string, Cooldown> = new Map()
const noQuotas: ReadonlyMap<string, Quota> = new Map()

export interface AccountPlace<Member extends object> {
  /** Found nowhere else among the accounts of a pool, and small: another may get it when this account has left. */
  readonly number: number
  /** Where the accounts of a pool count what they did of late. */
  readonly recent: RecentUse
  /** Told when a rest on a model was lifted, or moved, before its end. */
  readonly onCooldownsLifted: (account: Account<Member>) => void
}

/** The one attempt that may find out whether a cooldown is really over. Only its identity counts here. */
export interface Trial {
  readonly key: object
}

/** What the upstream limits and bills. Holds at least one key; keys that name no account have one each. */
export class Account<Member extends object = object> {
  // What every pick looks at comes first, as in `Key`.
  /** Attempts running now, under any of its keys. */
  inFlight = 0
  #health: Health = ready
  /** The one attempt that may find out whether a rest is really over; null unless the health is `probing`. */
  trial: Trial | null = null
  /** Rests by model; null while there are none. */
  #cooldowns: Map<string, Cooldown> | null = null
  /** It has less money than the pool wants it to keep: what costs something is left to others. */
  isLow = false
  /** The balance as a number, for strategies that compare; null when nothing is known. */
  funds: number | null = null
  /** Where it counts what it did of late, whatever the model; 0 until somebody compares that. */
  #recentRow = 0
  readonly #recent: RecentUse
  readonly id: string
  /** Its place where a pool keeps something for each account; -1 without a pool. */
  readonly number: number
  readonly keys: SmallSet<Member> = new SmallSet()
  /** Counts what has become of its health and its rests, for whoever stores them. */
  changes = 0
  /** Its state has changed since the store was last told. */
  isUnsaved = false
  /** What it may still use of each model; only models that were asked for under it. Null while there are none. */
  #quotas: Map<string, Quota> | null = null
  readonly #onRestsLifted: ((account: Account<Member>) => void) | null
  #tracker: BalanceTracker | null = null

  constructor(id: string, place: AccountPlace<Member> | null = null) {
    this.id = id
    this.number = place?.number ?? -1
    this.#recent = place?.recent ?? new RecentUse()
    this.#onRestsLifted = place?.onCooldownsLifted ?? null
  }

  get health(): Health {
    return this.#health
  }

  set health(health: Health) {
    this.#health = health
    this.changes++
  }

  /** What it should have; null when nobody ever said anything of it. */
  get tracker(): BalanceTracker | null {
    return this.#tracker
  }

  /** As the store has it. */
  set tracker(tracker: BalanceTracker | null) {
    this.#tracker = tracker
    this.updateFunds()
  }

  get balance(): Balance | null {
    return this.#tracker?.balance ?? null
  }

  /** What somebody found out just now: what is spent from here on is taken from it. */
  set balance(balance: Balance | null) {
    if (balance === null) this.tracker = null
    else this.setBaseline(baselineOf(balance))
  }

  /** Reckons from another figure. Its instant is never before that of the last one, so that the store takes it. */
  setBaseline(baseline: Baseline): void {
    const before = this.#tracker?.baseline.at ?? null
    const isEarlier = before !== null && baseline.at !== null && baseline.at < before
    this.tracker = new BalanceTracker(isEarlier ? { ...baseline, at: before } : baseline)
  }

  /** A call was paid for. */
  charge(payment: Charge, now: number): void {
    if (this.#tracker === null) return
    this.#tracker.charge(payment, now)
    this.updateFunds()
  }

  /** The purse has changed. */
  updateFunds(): void {
    this.funds = this.#tracker?.funds ?? null
  }

  /** Rests by model. Entries that are over stay until a success, because the next rest grows from them. */
  get cooldowns(): ReadonlyMap<string, Cooldown> {
    return this.#cooldowns ?? noCooldowns
  }

  /** Whether there are such entries. Spares most picks a look at them. */
  get hasCooldowns(): boolean {
    return this.#cooldowns !== null
  }

  /** Notes a rest, and forgets those that are over when there are too many to remember. */
  startCooldown(cooldown: Cooldown, now: number): void {
    this.#cooldowns ??= new Map()
    const cooldowns = this.#cooldowns
    if (cooldowns.size >= maxPastCooldowns) {
      for (const [model, { until }] of cooldowns) if (until <= now) cooldowns.delete(model)
    }
    cooldowns.set(cooldown.model, cooldown)
    this.changes++
  }

  /** Takes over the running rests of what turns out to be the same account; of two on one model the later end holds. */
  mergeCooldowns(other: Account<Member>, now: number): void {
    for (const cooldown of other.cooldowns.values()) {
      const own = this.cooldowns.get(cooldown.model)?.until ?? now
      if (cooldown.until > own) this.startCooldown(cooldown, now)
    }
    this.#onRestsLifted?.(this)
  }

  /** The rest on a model counts no more, nor what led to it. */
  endCooldown(model: string): void {
    this.#cooldowns?.delete(model)
    if (this.#cooldowns?.size === 0) this.#cooldowns = null
    this.changes++
    this.#onRestsLifted?.(this)
  }

  clearCooldowns(): void {
    this.#cooldowns = null
    this.#onRestsLifted?.(this)
  }

  /** By model. */
  get quotas(): ReadonlyMap<string, Quota> {
    return this.#quotas ?? noQuotas
  }

  /** Notes what counts for a model, and forgets another when there are too many to remember. */
  keepQuota(model: string, quota: Quota): void {
    this.#quotas ??= new Map()
    if (this.#quotas.size >= maxQuotas) this.#forgetQuota(this.#quotas)
    this.#quotas.get(model)?.forget()
    this.#quotas.set(model, quota)
  }

  /** Of the models that nothing limits the one noted first: made-up names must not wipe out what was counted. */
  #forgetQuota(quotas: Map<string, Quota>): void {
    let forgotten: string | undefined
    for (const [model, quota] of quotas) {
      forgotten ??= model
      if (quota.isLimited) continue
      forgotten = model
      break
    }
    if (forgotten === undefined) return
    quotas.get(forgotten)?.forget()
    quotas.delete(forgotten)
  }

  /** A request began under it. */
  recordRequest(now: number): void {
    this.#recentRow ||= this.#recent.open()
    this.#recent.add(this.#recentRow, unitColumn.requests, 1, now)
  }

  /** One has used this much. */
  recordTokens(tokens: number, now: number): void {
    this.#recentRow ||= this.#recent.open()
    this.#recent.add(this.#recentRow, unitColumn.tokens, tokens, now)
  }

  /** Requests of the last minute, whatever the model. */
  rpm(now: number): number {
    return this.#recentRow === 0 ? 0 : this.#recent.perMinute(this.#recentRow, unitColumn.requests, now)
  }

  /** Tokens of the last minute. */
  tpm(now: number): number {
    return this.#recentRow === 0 ? 0 : this.#recent.perMinute(this.#recentRow, unitColumn.tokens, now)
  }

  /** It has lost its last key, and gives back what it had a place for. */
  close(): void {
    for (const quota of this.quotas.values()) quota.forget()
    this.#quotas = null
    if (this.#recentRow !== 0) this.#recent.close(this.#recentRow)
    this.#recentRow = 0
    this.#onRestsLifted?.(this)
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
  shiftCooldowns(byMs: number): void {
    const { health } = this
    if (isTimed(health)) this.health = { ...health, until: health.until + byMs }
    for (const [model, { since, until, ...rest }] of this.cooldowns) {
      this.#cooldowns?.set(model, { ...rest, model, since: since + byMs, until: until + byMs })
    }
    this.#onRestsLifted?.(this)
  }
}

/** Whether it has less than it should keep. A trial after a refusal finds out better what there is. */
export function isPutAside({ isLow, health }: Pick<Account, 'isLow' | 'health'>): boolean {
  return isLow && health.status !== 'probing'
}
