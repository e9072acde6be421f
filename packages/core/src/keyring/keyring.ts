import type { StoredQuota } from '../key/account.js'
import { endCooldown, fundsFound, type Health } from '../key/account-health.js'
import type { Key, KeyAccount } from '../key/key.js'
import { endKeyCooldown, type KeyHealth } from '../key/key-health.js'
import { isLimited } from '../limit/concurrency.js'
import type { Balance } from '../money/balance.js'
import type { Outcome } from '../outcome/outcome.js'
import { didNotRun } from '../outcome/switching.js'
import type { Grant } from '../selection/grant.js'
import type { KeyRequest } from '../selection/key-request.js'
import type { Quotas } from '../selection/quotas.js'
import type { Refusal } from '../selection/refusal.js'
import type { Eligibility } from '../selection/request-eligibility.js'
import type { Selector } from '../selection/selector.js'
import type { Usage } from '../usage/usage.js'
import { CooldownClock } from './cooldown-clock.js'
import { HealthTracker } from './health-tracker.js'
import type { KeyringOptions } from './keyring-options.js'
import { LowBalances } from './low-balances.js'
import { Membership } from './membership.js'
import { endTrials, type Trials } from './trials.js'
import { wireSelection } from './wire-selection.js'

/** What a check or the operator found out. */
export interface StateChange {
  readonly key?: KeyHealth
  readonly account?: Health
  readonly balance?: Balance
  /** Forget all cooldowns on single models. */
  readonly forgetCooldowns?: boolean
}

/** How an attempt went, beside its outcome. */
export interface AttemptFigures {
  readonly usage: Usage | null
  /** From the dispatch to the first output; null when there was none. */
  readonly firstOutputMs: number | null
}

/**
 * The one owner of the keys' state: which keys are in the pool (`members`), which of them serves next, and what the
 * outcome of an attempt changes. No method waits: between reading the state and writing it no other code runs.
 */
export class Keyring {
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, KeyAccount>
  readonly members: Membership
  readonly #options: KeyringOptions
  readonly #quotas: Quotas
  readonly #selection: Selector
  readonly #tracker: HealthTracker
  readonly #clock: CooldownClock
  readonly #low: LowBalances

  constructor(options: KeyringOptions) {
    this.#options = options
    const { provider, runtime, events, pacing, health, thresholds, onFree } = options
    const keys = new Map<string, Key>()
    const { accounts, quotas, selection } = wireSelection(options, keys)
    const state = { keys, accounts: accounts.byId, selection, runtime, events }
    this.keys = keys
    this.accounts = accounts.byId
    this.#quotas = quotas
    this.#selection = selection
    this.#clock = new CooldownClock({
      ...state,
      onAccountCooled: (account, now) =>
        this.#tracker.setAccountHealth(account, endCooldown(account.health, now)),
      onKeyCooled: (key, now) => this.#endKeyCooldown(key, now),
      onSetBack: () => selection.invalidate(),
    })
    this.#low = new LowBalances({ ...state, thresholds: thresholds ?? null, onFree })
    this.#tracker = new HealthTracker({
      ...state,
      options: health,
      dayOffsetMs: provider.dayOffsetMs,
      onAccountHealth: (account) => this.#clock.watchAccount(account),
      onKeyHealth: (key) => this.#watch(key),
      onLifted: (account) => this.#lifted(account),
    })
    this.members = new Membership({
      keys,
      accounts,
      selection,
      clock: this.#clock,
      pacing,
      signals: options,
      onCooling: (key) => this.#watch(key),
      onAccount: (account) => this.reviewBalance(account),
    })
  }

  /** Attempts running now. */
  get inFlight(): number {
    return this.#selection.inFlight
  }

  /** The key that serves next, its attempt already counted as running; or why there is none. */
  take(keyRequest: KeyRequest): Grant | Refusal {
    const now = this.#clock.endDue()
    if (now >= this.#low.dueAt) this.#low.reviewAll(now)
    return this.#selection.take(keyRequest, now)
  }

  /** How eligible every key is for a request, and which would serve; null when the strategy cannot say in advance. */
  survey(keyRequest: KeyRequest): {
    chosen: Key | undefined | null
    eligibilities: ReadonlyMap<Key, Eligibility>
  } {
    return this.#selection.survey(keyRequest, this.#clock.endDue())
  }

  /** Gives back the places of an attempt that no caller settles; an outcome that is reported later still counts. */
  release(grant: Grant): void {
    const now = this.#clock.now()
    const trials = endTrials(grant)
    this.#selection.release(grant, now, { tokens: null, isRefused: false })
    if (grant.isBeyond) endGrowth(grant, null, now)
    this.#afterEnd(grant, trials)
  }

  /** An attempt has its first output, though it goes on. */
  answered(grant: Grant): void {
    const { key, account, entry, model } = grant
    if ((!account.hasCooldowns && entry.storm === null) || !key.isHeld) return
    const { changes } = account
    const { epoch } = entry
    this.#tracker.answered(grant, this.#clock.now())
    if (entry.epoch === epoch) return
    if (account.changes !== changes) this.#options.onChange(key, account)
    this.#options.onFree(model)
  }

  /** Ends an attempt and moves the state by its outcome. */
  settle(grant: Grant, outcome: Outcome, { usage, firstOutputMs }: AttemptFigures): void {
    const now = this.#clock.now()
    const { key, roster, model, session } = grant
    const trials = endTrials(grant)
    this.#selection.release(grant, now, {
      // A rejected call used none of the tokens that it asked for.
      tokens: usage?.totalTokens ?? (outcome.kind === 'rejected' ? 0 : null),
      isRefused: didNotRun(outcome),
    })
    if (outcome.kind === 'success') grant.quota?.served(grant, usage?.totalTokens ?? null, now)
    key.count(outcome, usage, now)
    if (usage !== null) this.#selection.recordUsage(grant, usage, now)
    if (roster?.wantsEnds === true)
      roster.ended(key, { model, session, kind: outcome.kind, firstOutputMs, now })
    if (key.isHeld) {
      const { changes } = key.account
      this.#tracker.settle(grant, outcome, trials, now)
      const isOfAccount = key.account.changes !== changes || grant.quota?.isStored === true
      this.#options.onChange(key, isOfAccount ? key.account : null)
    }
    if (grant.isBeyond) endGrowth(grant, outcome, now)
    this.#afterEnd(grant, trials)
  }

  /** A free request asked the upstream about a key that cools down. */
  settleProbe(key: Key, outcome: Outcome): void {
    if (!key.isHeld) return
    this.#tracker.settleProbe(key, outcome, this.#clock.now())
    this.#options.onChange(key, key.account)
    this.#options.onFree(null)
  }

  /** Sets what a check or the operator found out, whatever the state was. */
  restore(key: Key, found: StateChange): void {
    const { account } = key
    if (found.key?.status === 'ready') key.consecutiveFailures = 0
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

  /** Continues with what a stored account had used and learned. */
  restoreQuotas(account: KeyAccount, states: readonly StoredQuota[]): void {
    this.#quotas.restore(account, states, this.#clock.now())
  }

  /** The account's balance has another baseline. Where there is money, an account that had none may be tried. */
  reviewFunds(account: KeyAccount): void {
    if ((account.funds ?? 0) > 0) this.#tracker.setAccountHealth(account, fundsFound(account.health))
    this.reviewBalance(account)
  }

  /** The account's balance has changed. */
  reviewBalance(account: KeyAccount): void {
    this.#low.review(account, this.#clock.now())
  }

  /**
   * Lets the keys of an ended trial serve again unless its outcome forbids it, and signals free places. Limits hold for
   * one model; places and trials are what requests for any other model may wait for, too.
   */
  #afterEnd({ key, account, model }: Grant, trials: Trials): void {
    if (trials.ofAccount) this.#selection.updateAll(account)
    if (trials.ofKey && key.isHeld) this.#selection.update(key)
    const { concurrency, pacing, onFree } = this.#options
    const isForAll = trials.ofAccount || trials.ofKey || pacing !== null || isLimited(concurrency)
    onFree(isForAll ? null : model)
  }

  /** A free request asks about a key that cools down; without such probes the clock lets one live request try. */
  #watch(key: Key): void {
    if (key.health.status !== 'cooling') return
    if (this.#options.health.probes) this.#options.onTrouble(key)
    else this.#clock.watchKey(key)
  }

  #lifted(account: KeyAccount): void {
    for (const key of account.keys) return this.#options.onChange(key, account)
  }

  #endKeyCooldown(key: Key, now: number): void {
    if (!this.#options.health.probes && key.isHeld)
      this.#tracker.setKeyHealth(key, endKeyCooldown(key.health, now))
  }
}

/** The attempt went beyond a learned limit: what came of it decides whether others may. */
function endGrowth(grant: Grant, outcome: Outcome | null, now: number): void {
  const { growth } = grant.entry
  grant.isBeyond = false
  if (growth === null) return
  if (outcome?.kind === 'rate-limited') growth.refused(now)
  else if (outcome?.kind === 'success' && grant.quota?.goBeyond(grant, growth.factor, now)) growth.served()
  else growth.ended()
}
