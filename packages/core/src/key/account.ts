import { SmallSet } from '../collections/small-set.js'
import type { Quota, QuotaSnapshot } from '../limit/quota.js'
import { RecentUse, unitColumn } from '../limit/recent-use.js'
import { type Balance, baselineOf } from '../money/balance.js'
import type { Baseline } from '../money/balance-estimate.js'
import { BalanceTracker, type Charge } from '../money/balance-tracker.js'
import { type Health, isTimed, ready } from './account-health.js'
import type { Cooldown } from './cooldown.js'

/** What is remembered of an account and one model. */
export type StoredQuota = QuotaSnapshot & { readonly model: string }

/** Model names come from clients, so what is remembered of them is bounded. */
const maxPastCooldowns = 256
const maxQuotas = 256

/** Shared by all accounts without cooldowns, and without quotas. */
const noCooldowns: ReadonlyMap<string, Cooldown> = new Map()
const noQuotas: ReadonlyMap<string, Quota> = new Map()

export interface AccountPlace<Member extends object> {
  /** Unique among the accounts of a pool, and small: another account gets it when this one is gone. */
  readonly number: number
  /** Where the accounts of a pool count their use of the last minute. */
  readonly recent: RecentUse
  /** A cooldown on a model was lifted, or moved, before its end. */
  readonly onCooldownsLifted: (account: Account<Member>) => void
}

/** The one attempt that may find out whether a half-open account or key serves again. Only its identity counts here. */
export interface Trial {
  readonly key: object
}

/** What the upstream limits and charges. Holds at least one key; keys that name no account have one each. */
export class Account<Member extends object = object> {
  // What every pick looks at comes first, as in `Key`.
  /** Attempts running now, under any of its keys. */
  inFlight = 0
  #health: Health = ready
  /** The half-open trial: the one attempt that may close the circuit again. Null unless the health is `probing`. */
  trial: Trial | null = null
  /** Cooldowns by model; null while there are none. */
  #cooldowns: Map<string, Cooldown> | null = null
  /** It has less money than the option `minBalance` asks for: other accounts serve what costs something. */
  isLow = false
  /** The balance as a number, for strategies that compare; null when nothing is known. */
  funds: number | null = null
  /** The row of its use of the last minute, whatever the model; 0 until a strategy compares that. */
  #recentRow = 0
  readonly #recent: RecentUse
  readonly id: string
  /** Its index where a pool keeps something for each account; -1 without a pool. */
  readonly number: number
  readonly keys: SmallSet<Member> = new SmallSet()
  /** Counts changes of its health and its cooldowns, so that they are stored. */
  changes = 0
  /** Its state has changed since it was last stored. */
  isUnsaved = false
  /** What it may still use of each model that was requested under it; null while there are none. */
  #quotas: Map<string, Quota> | null = null
  readonly #onCooldownsLifted: ((account: Account<Member>) => void) | null
  #tracker: BalanceTracker | null = null

  constructor(id: string, place: AccountPlace<Member> | null = null) {
    this.id = id
    this.number = place?.number ?? -1
    this.#recent = place?.recent ?? new RecentUse()
    this.#onCooldownsLifted = place?.onCooldownsLifted ?? null
  }

  get health(): Health {
    return this.#health
  }

  set health(health: Health) {
    this.#health = health
    this.changes++
  }

  /** Its balance, estimated; null when none was ever known. */
  get tracker(): BalanceTracker | null {
    return this.#tracker
  }

  /** Takes over a tracker that the store has. */
  set tracker(tracker: BalanceTracker | null) {
    this.#tracker = tracker
    this.updateFunds()
  }

  get balance(): Balance | null {
    return this.#tracker?.balance ?? null
  }

  /** Sets a balance that was just found out: what is spent from here on is taken from it. */
  set balance(balance: Balance | null) {
    if (balance === null) this.tracker = null
    else this.setBaseline(baselineOf(balance))
  }

  /** Estimates from another figure. Its instant is never before that of the last one, so that the store accepts it. */
  setBaseline(baseline: Baseline): void {
    const before = this.#tracker?.baseline.at ?? null
    const isEarlier = before !== null && baseline.at !== null && baseline.at < before
    this.tracker = new BalanceTracker(isEarlier ? { ...baseline, at: before } : baseline)
  }

  /** Takes the cost of a call from the balance. */
  charge(charge: Charge, now: number): void {
    if (this.#tracker === null) return
    this.#tracker.charge(charge, now)
    this.updateFunds()
  }

  /** Reads the balance again after its tracker has changed. */
  updateFunds(): void {
    this.funds = this.#tracker?.funds ?? null
  }

  /** Cooldowns by model. Entries that are over stay until a success, because the next cooldown grows from them. */
  get cooldowns(): ReadonlyMap<string, Cooldown> {
    return this.#cooldowns ?? noCooldowns
  }

  /** Whether there are such entries, so that most picks need not look at them. */
  get hasCooldowns(): boolean {
    return this.#cooldowns !== null
  }

  /** Starts a cooldown, and forgets those that are over when there are too many to remember. */
  startCooldown(cooldown: Cooldown, now: number): void {
    this.#cooldowns ??= new Map()
    const cooldowns = this.#cooldowns
    if (cooldowns.size >= maxPastCooldowns) {
      for (const [model, { until }] of cooldowns) if (until <= now) cooldowns.delete(model)
    }
    cooldowns.set(cooldown.model, cooldown)
    this.changes++
  }

  /** Takes over the running cooldowns of an account that is the same one; of two on one model the later end holds. */
  mergeCooldowns(other: Account<Member>, now: number): void {
    for (const cooldown of other.cooldowns.values()) {
      const own = this.cooldowns.get(cooldown.model)?.until ?? now
      if (cooldown.until > own) this.startCooldown(cooldown, now)
    }
    this.#onCooldownsLifted?.(this)
  }

  /** Forgets the cooldown on a model, and the strikes that led to it. */
  endCooldown(model: string): void {
    this.#cooldowns?.delete(model)
    if (this.#cooldowns?.size === 0) this.#cooldowns = null
    this.changes++
    this.#onCooldownsLifted?.(this)
  }

  /** Ends a cooldown now, though its strikes stay: what others show is less than a success of its own. */
  liftCooldown(model: string, now: number): void {
    const cooldown = this.#cooldowns?.get(model)
    if (cooldown === undefined || cooldown.until <= now) return
    this.#cooldowns?.set(model, { ...cooldown, until: now })
    this.changes++
    this.#onCooldownsLifted?.(this)
  }

  /** A call begins on a model whose cooldown is over, and no call has shown it yet. */
  tryAfterCooldown(model: string, now: number): void {
    const cooldown = this.#cooldowns?.get(model)
    if (cooldown !== undefined) cooldown.triedAt = now
  }

  clearCooldowns(): void {
    this.#cooldowns = null
    this.#onCooldownsLifted?.(this)
  }

  /** Quotas by model. */
  get quotas(): ReadonlyMap<string, Quota> {
    return this.#quotas ?? noQuotas
  }

  /** Keeps the quota of a model, and forgets another when there are too many to remember. */
  keepQuota(model: string, quota: Quota): void {
    this.#quotas ??= new Map()
    if (this.#quotas.size >= maxQuotas) this.#forgetQuota(this.#quotas)
    this.#quotas.get(model)?.forget()
    this.#quotas.set(model, quota)
  }

  /** Forgets the oldest quota, without limits if any is: made-up names must not wipe out what was counted. */
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

  /** Counts a request that began under it. */
  recordRequest(now: number): void {
    this.#recentRow ||= this.#recent.open()
    this.#recent.add(this.#recentRow, unitColumn.requests, 1, now)
  }

  /** Counts the tokens that a request used. */
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

  /** Gives back its rows: the account has lost its last key. */
  close(): void {
    for (const quota of this.quotas.values()) quota.forget()
    this.#quotas = null
    if (this.#recentRow !== 0) this.#recent.close(this.#recentRow)
    this.#recentRow = 0
    this.#onCooldownsLifted?.(this)
  }

  /** The learned limits and counted amounts that must outlive the process. */
  quotaStates(now: number): StoredQuota[] {
    const states: StoredQuota[] = []
    for (const [model, quota] of this.quotas) {
      const snapshot = quota.snapshot(now)
      if (snapshot !== null) states.push({ ...snapshot, model })
    }
    return states
  }

  /** Moves the cooldowns along with a clock that was set, so that they keep their lengths. */
  shiftCooldowns(byMs: number): void {
    const { health } = this
    if (isTimed(health)) this.health = { ...health, until: health.until + byMs }
    for (const [model, cooldown] of this.cooldowns) {
      const { since, until } = cooldown
      this.#cooldowns?.set(model, { ...cooldown, since: since + byMs, until: until + byMs, triedAt: 0 })
    }
    this.#onCooldownsLifted?.(this)
  }
}

/** Whether an account has less money than it should keep. Not while half-open: its trial shows what there is. */
export function isPutAside({ isLow, health }: Pick<Account, 'isLow' | 'health'>): boolean {
  return isLow && health.status !== 'probing'
}
