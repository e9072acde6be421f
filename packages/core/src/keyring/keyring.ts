import type { PoolEmitter } from '../events.js'
import type { StoredQuota } from '../key/account.js'
import { endCooldown, funded, type Health } from '../key/account-health.js'
import { Accounts, type Belonging } from '../key/accounts.js'
import type { Key, KeyAccount } from '../key/key.js'
import { endKeyCooldown, type KeyHealth } from '../key/key-health.js'
import { type Concurrency, isLimited } from '../limit/concurrency.js'
import { DeclaredLimits, type LimitOptions } from '../limit/limit-options.js'
import type { Pacing } from '../limit/pacing.js'
import type { Balance } from '../money/balance.js'
import type { Thresholds } from '../money/min-balance.js'
import type { Outcome } from '../outcome/outcome.js'
import type { ModelFacts, Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'
import type { KeyRequest } from '../selection/key-request.js'
import { ModelRegistry } from '../selection/model-registry.js'
import { Quotas } from '../selection/quotas.js'
import type { Refusal } from '../selection/refusal.js'
import type { Eligibility } from '../selection/request-eligibility.js'
import { Rosters } from '../selection/rosters.js'
import { type KeyMode, KeyNames, type Rules, type StrategyChoice } from '../selection/rules.js'
import { Selector } from '../selection/selector.js'
import type { Usage } from '../usage/usage.js'
import { CooldownClock } from './cooldown-clock.js'
import type { HealthOptions } from './health-options.js'
import { HealthTracker, type Trials } from './health-tracker.js'
import { LowBalances } from './low-balances.js'

/** What the keyring signals to the rest of the pool. */
export interface KeyringSignals {
  /** A key's state changed, and its account's where one is given. */
  readonly onChange: (key: Key, account: KeyAccount | null) => void
  /** A key cools down: a free request may ask about it when its cooldown is over. */
  readonly onTrouble: (key: Key) => void
  /** A place became free, or may have: for a model, or for any. */
  readonly onFree: (model: string | null) => void
}

export interface KeyringOptions extends KeyringSignals {
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly strategy: StrategyChoice
  readonly rules: Rules
  readonly limits: LimitOptions
  readonly concurrency: Concurrency
  readonly pacing: Pacing<Key> | null
  readonly catalogue: Readonly<Record<string, ModelFacts>>
  readonly health: Required<HealthOptions>
  /** The least that accounts should keep; null for no such rule. @default null */
  readonly thresholds?: Thresholds | null
}

/** What a check or the operator found out. */
export interface StateChange {
  readonly key?: KeyHealth
  readonly account?: Health
  readonly balance?: Balance
  /** Forget all rests on single models. */
  readonly forgetCooldowns?: boolean
}

/** How an attempt went, beside its outcome. */
export interface AttemptFigures {
  readonly usage: Usage | null
  /** From the dispatch to the first output; null when there was none. */
  readonly firstOutputMs: number | null
}

/**
 * The one owner of the keys' state: who is there, who may serve, what an outcome changes. Nothing here waits: between
 * reading the state and writing it no other code runs.
 */
export class Keyring {
  readonly keys: Map<string, Key> = new Map()
  readonly accounts: ReadonlyMap<string, KeyAccount>
  readonly #accounts = new Accounts(({ number }) => this.#models.forgetCooldowns(number))
  readonly #models: ModelRegistry
  readonly #options: KeyringOptions
  readonly #quotas: Quotas
  readonly #selection: Selector
  readonly #tracker: HealthTracker
  readonly #clock: CooldownClock
  readonly #low: LowBalances
  #selected: KeyNames | null = null
  #added = 0

  constructor(options: KeyringOptions) {
    this.#options = options
    const { provider, runtime, events, strategy, rules, catalogue, limits, concurrency, pacing } = options
    const { keys } = this
    const accounts = this.#accounts.byId
    this.accounts = accounts
    const rosters = new Rosters({
      strategy,
      rules,
      chance: runtime.random,
      // Not in the middle of a pick: whoever is told may ask the pool for something in turn.
      onFault: (fault, cause) => queueMicrotask(() => events.emit('strategy-fault', { fault, cause })),
    })
    const models = new ModelRegistry({ provider, catalogue, rules, rosters })
    this.#models = models
    this.#quotas = new Quotas({
      models,
      limits: new DeclaredLimits(limits),
      learns: limits.learn ?? true,
      dayOffsetMs: provider.dayOffsetMs,
    })
    this.#selection = new Selector({
      rosters,
      models,
      quotas: this.#quotas,
      concurrency,
      pacing,
      keys,
      accounts,
    })
    this.#low = new LowBalances({
      thresholds: options.thresholds ?? null,
      accounts,
      selection: this.#selection,
      events,
      onFree: options.onFree,
    })
    this.#tracker = new HealthTracker({
      options: options.health,
      selection: this.#selection,
      runtime,
      events,
      dayOffsetMs: provider.dayOffsetMs,
      keys,
      accounts,
      onAccountHealth: (account) => this.#clock.watchAccount(account),
      onKeyHealth: (key) => this.#watchOver(key),
    })
    this.#clock = new CooldownClock({
      runtime,
      keys,
      accounts,
      onAccountCooled: (account, now) =>
        this.#tracker.setAccountHealth(account, endCooldown(account.health, now)),
      onKeyCooled: (key, now) => this.#wakeKey(key, now),
      onSetBack: () => this.#selection.invalidate(),
    })
  }

  /** Attempts running now. */
  get inFlight(): number {
    return this.#selection.inFlight
  }

  /** The account that a key belongs to, made when it is new. */
  accountFor(key: Belonging): KeyAccount {
    return this.#accounts.for(key)
  }

  /** The upstream told whose key it is. Keys that turn out to be of one account share its limits and money. */
  recognise(key: Key, upstreamAccount: string): void {
    if (!key.isHeld || key.upstreamAccount === upstreamAccount) return
    const { account } = key
    this.change(key, () => {
      key.upstreamAccount = upstreamAccount
      key.account = this.accountFor(key)
      // The account was refused under another name: a sibling would only hear the same.
      if (key.account !== account) key.account.mergeCooldowns(account, this.#clock.now())
    })
    this.#options.onChange(key, key.account)
  }

  /** The accounts with a key that is enabled and not refused, the oldest first. */
  usableAccounts(): string[] {
    const ids = new Set<string>()
    for (const { account, enabled, selected, health } of this.keys.values()) {
      const isUsable =
        enabled && selected && health.status !== 'invalid' && account.health.status !== 'invalid'
      if (isUsable) ids.add(account.id)
    }
    return Array.from(ids)
  }

  /** Takes a key in. One whose id is known already stays out: the known one has leases and a history. */
  add(key: Key): void {
    if (this.keys.has(key.id)) return
    key.isHeld = true
    key.order = this.#added++
    key.selected = this.#selected?.has(key) ?? true
    this.keys.set(key.id, key)
    key.account.keys.add(key)
    if (key.account.keys.size === 1) this.#clock.watchAccount(key.account)
    if (key.health.status === 'cooling') this.#watchOver(key)
    this.#selection.update(key)
    if (key.account.keys.size === 1) this.reviewBalance(key.account)
    this.#options.onFree(null)
  }

  remove(key: Key): void {
    if (!key.isHeld) return
    key.isHeld = false
    this.keys.delete(key.id)
    this.#selection.remove(key)
    const wasTrial = key.account.trial?.key === key
    this.#leave(key, key.account)
    this.#options.pacing?.forget(key)
    this.#selection.invalidate()
    // A trial that ends, and a place in a full window, are what others may wait for.
    if (wasTrial || this.#options.pacing !== null) this.#options.onFree(null)
  }

  /** Applies a change of the operator's to a key, whose seat may depend on it. */
  change(key: Key, apply: () => void): void {
    if (!key.isHeld) return
    this.#selection.remove(key)
    const before = key.account
    apply()
    if (key.account !== before) {
      key.account.keys.add(key)
      this.#leave(key, before)
    }
    key.selected = this.#selected?.has(key) ?? true
    this.#selection.update(key)
    this.#options.onFree(null)
  }

  /** Which keys may serve at all. */
  select(mode: KeyMode, names: readonly string[]): void {
    this.#selected = mode === 'all' ? null : new KeyNames(names)
    for (const key of this.keys.values()) {
      key.selected = this.#selected?.has(key) ?? true
      this.#selection.update(key)
    }
    this.#selection.invalidate()
    this.#options.onFree(null)
  }

  /** Sets what a check or the operator found out, whatever the state was. */
  restore(key: Key, found: StateChange): void {
    const { account } = key
    if (found.key?.status === 'ready') key.failuresInRow = 0
    if (found.key !== undefined) this.#tracker.setKeyHealth(key, found.key)
    if (found.account !== undefined) this.#tracker.setAccountHealth(account, found.account)
    if (found.balance !== undefined) {
      account.balance = found.balance
      this.reviewFunds(account)
    }
    if (found.forgetCooldowns === true) account.clearCooldowns()
    this.#selection.updateAll(account)
    this.#options.onChange(key, account)
    this.#options.onFree(null)
  }

  /** Another figure is known of the account's money. Where there is some, an account that had none may be tried. */
  reviewFunds(account: KeyAccount): void {
    if ((account.funds ?? 0) > 0) this.#tracker.setAccountHealth(account, funded(account.health))
    this.reviewBalance(account)
  }

  /** The account has less than it had. */
  reviewBalance(account: KeyAccount): void {
    this.#low.review(account, this.#clock.now())
  }

  /** Goes on with what a stored account had used and learned. */
  restoreQuotas(account: KeyAccount, states: readonly StoredQuota[]): void {
    this.#quotas.restore(account, states, this.#clock.now())
  }

  /** The key that serves next, its attempt already counted as running; or why there is none. */
  take(keyRequest: KeyRequest): Grant | Refusal {
    const now = this.#clock.wakeDue()
    if (now >= this.#low.dueAt) this.#low.reviewAll(now)
    return this.#selection.take(keyRequest, now)
  }

  /** How every key stands to a request, and who would serve it; null when its strategy cannot tell in advance. */
  survey(keyRequest: KeyRequest): {
    chosen: Key | undefined | null
    eligibilities: ReadonlyMap<Key, Eligibility>
  } {
    return this.#selection.survey(keyRequest, this.#clock.wakeDue())
  }

  /** Gives back the places of an attempt that nobody will report on; a report that still comes is heard. */
  release(grant: Grant): void {
    const now = this.#clock.now()
    const isTrial = this.#endTrials(grant)
    this.#selection.release(grant, now, { tokens: null, isRefused: false })
    if (isTrial.ofAccount) this.#selection.updateAll(grant.account)
    if (isTrial.ofKey && grant.key.isHeld) this.#selection.update(grant.key)
    this.#tellFree(grant, isTrial)
  }

  /** An attempt has its first output, though it goes on. */
  answered(grant: Grant): void {
    const { key, account, model } = grant
    if (!account.hasCooldowns || !key.isHeld) return
    const { changes } = account
    this.#tracker.answered(grant)
    if (account.changes === changes) return
    this.#options.onChange(key, account)
    this.#options.onFree(model)
  }

  /** Ends an attempt and moves the state by its outcome. */
  settle(grant: Grant, outcome: Outcome, figures: AttemptFigures): void {
    const now = this.#clock.now()
    const { key, account } = grant
    const trials = this.#endTrials(grant)
    this.#selection.release(grant, now, {
      // What was rejected used none of the tokens that it asked for.
      tokens: figures.usage?.totalTokens ?? (outcome.kind === 'rejected' ? 0 : null),
      isRefused: didNotRun(outcome),
    })
    this.#count(grant, outcome, figures, now)
    if (key.isHeld) {
      const { changes } = key.account
      this.#tracker.judge(grant, outcome, trials, now)
      const isOfAccount = key.account.changes !== changes || grant.quota?.isStored === true
      this.#options.onChange(key, isOfAccount ? key.account : null)
    }
    // Whatever the trial told, it is over: its keys may sit down again unless the outcome forbids it.
    if (trials.ofAccount) this.#selection.updateAll(account)
    if (trials.ofKey && key.isHeld) this.#selection.update(key)
    this.#tellFree(grant, trials)
  }

  /** What a free request found out about a key that rests. */
  answer(key: Key, outcome: Outcome): void {
    if (!key.isHeld) return
    this.#tracker.answer(key, outcome, this.#clock.now())
    this.#options.onChange(key, key.account)
    this.#options.onFree(null)
  }

  #count(grant: Grant, outcome: Outcome, { usage, firstOutputMs }: AttemptFigures, now: number): void {
    const { key, roster, model, session } = grant
    key.usedAt = now
    if (outcome.kind === 'success') key.successes++
    else if (outcome.fault !== undefined && outcome.fault !== 'caller' && outcome.fault !== 'model')
      key.failures++
    if (usage !== null) {
      key.promptTokens += usage.promptTokens
      key.completionTokens += usage.completionTokens
      this.#selection.recordUsage(grant, usage, now)
    }
    if (roster?.wantsEnds === true)
      roster.ended(key, { model, session, kind: outcome.kind, firstOutputMs, now })
  }

  /** Limits hold for one model; places and trials are what requests for any other may wait for, too. */
  #tellFree({ model }: Grant, trials: Trials): void {
    const { concurrency, pacing, onFree } = this.#options
    const isForAll = trials.ofAccount || trials.ofKey || pacing !== null || isLimited(concurrency)
    onFree(isForAll ? null : model)
  }

  #endTrials(grant: Grant): Trials {
    const { key, account } = grant
    const trials = { ofAccount: account.trial === grant, ofKey: key.trial === grant }
    if (trials.ofAccount) account.trial = null
    if (trials.ofKey) key.trial = null
    return trials
  }

  /** Somebody asks about a key in trouble when its rest is over; without anybody, the clock lets one request try. */
  #watchOver(key: Key): void {
    if (key.health.status !== 'cooling') return
    if (this.#options.health.probes) this.#options.onTrouble(key)
    else this.#clock.watchKey(key)
  }

  #wakeKey(key: Key, now: number): void {
    if (!this.#options.health.probes && key.isHeld)
      this.#tracker.setKeyHealth(key, endKeyCooldown(key.health, now))
  }

  /** Takes a key off an account, whose trial the key's attempt may be. */
  #leave(key: Key, account: KeyAccount): void {
    account.keys.delete(key)
    this.#accounts.forgetIfEmpty(account)
    if (account.trial?.key === key) {
      account.trial = null
      this.#selection.updateAll(account)
    }
  }
}

/** Refused before it ran, so it used up nothing of a limit. */
function didNotRun({ kind, fault, maybeRan }: Outcome): boolean {
  if (kind === 'success' || maybeRan === true) return false
  if (kind === 'aborted') return maybeRan === false
  return (
    fault === 'limit' || fault === 'key' || fault === 'funds' || fault === 'disabled' || fault === 'network'
  )
}
