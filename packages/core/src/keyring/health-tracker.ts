import type { PoolEmitter } from '../events.js'
import {
  coolUntil,
  type Health,
  invalidated,
  ready,
  settleAccount,
  subjectOf,
} from '../key/account-health.js'
import { type CooldownContext, endsWithOthers, type LimitTrust, nextCooldown } from '../key/cooldown.js'
import { EjectionGuard } from '../key/ejection-guard.js'
import { type Key, type KeyAccount, keyIdsOf } from '../key/key.js'
import { isUnexplained, type KeyHealth, settleKey, settleProbe } from '../key/key-health.js'
import { ModelStorm } from '../key/model-storm.js'
import type { Quota } from '../limit/quota.js'
import type { Meter } from '../outcome/meter.js'
import type { Outcome } from '../outcome/outcome.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'
import type { Selector } from '../selection/selector.js'
import type { HealthOptions } from './health-options.js'
import { SiteGuards } from './site-guards.js'
import type { Trials } from './trials.js'

export interface HealthTrackerParts {
  readonly options: Required<HealthOptions>
  readonly selection: Selector
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly dayOffsetMs: number
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, KeyAccount>
  /** An account, or a key, has another health; called before its place in the rosters changes. */
  readonly onAccountHealth: (account: KeyAccount) => void
  readonly onKeyHealth: (key: Key) => void
  /** The cooldown of an account on a model was ended by the success of another. */
  readonly onLifted: (account: KeyAccount) => void
}

/** Moves the health of keys and accounts, and the cooldowns of accounts on models, by the outcomes of attempts. */
export class HealthTracker {
  readonly #parts: HealthTrackerParts
  readonly #guards: SiteGuards

  constructor(parts: HealthTrackerParts) {
    this.#parts = parts
    this.#guards = new SiteGuards(parts.options.maxEjected, parts.keys, parts.accounts)
  }

  /** An attempt ended. */
  settle(grant: Grant, outcome: Outcome, trials: Trials, now: number): void {
    const { key, account } = grant
    if (outcome.kind === 'success') {
      this.#guards.accepted(key.site, grant.startedAt)
      grant.entry.limitGuard?.accepted(grant.startedAt)
      this.#endStorm(grant, now)
    }
    this.#settleKey(key, outcome, trials.ofKey, now)
    // A key that has moved meanwhile says nothing of the account it is with now.
    if (account !== key.account) return
    const subject = subjectOf(outcome)
    if (subject === 'account-model') return this.#coolModel(grant, outcome, now)
    if (subject === 'account' && outcome.fault !== 'funds' && outcome.fault !== 'disabled')
      return this.#coolAccount(account, outcome, now)
    if (outcome.kind === 'success') this.#endCooldown(grant)
    this.#settleAccount(grant, outcome, trials.ofAccount, now)
  }

  /** An attempt has output: what made its account cool down on the model is over, long before a stream is. */
  answered(grant: Grant, now: number): void {
    this.#endStorm(grant, now)
    this.#endCooldown(grant)
  }

  /** A free request asked the upstream about a key that cools down. */
  settleProbe(key: Key, outcome: Outcome, now: number): void {
    // A check or the operator has changed it meanwhile.
    if (key.health.status !== 'cooling') return
    if (outcome.kind === 'success') this.#guards.acceptedKey(key.site, now)
    const isTrusted = outcome.fault !== 'key' || this.#guards.isTrusted(key, 'key', now)
    if (outcome.fault === 'disabled' && this.#guards.isTrusted(key, 'disabled', now)) {
      // The upstream accepted the secret, and refused its account.
      this.setKeyHealth(key, ready)
      const { account } = key
      const health = invalidated(outcome, now)
      this.setAccountHealth(account, health)
      this.#parts.events.emit('key-invalid', { keys: keyIdsOf(account), reason: health.reason })
      return
    }
    this.setKeyHealth(key, settleProbe(key.health, { outcome, isTrusted }, now))
  }

  setKeyHealth(key: Key, health: KeyHealth): void {
    const before = key.health
    if (before === health) return
    key.health = health
    key.trial = null
    this.#parts.onKeyHealth(key)
    this.#parts.selection.update(key)
    const { events } = this.#parts
    const keys = [key.id]
    if (health.status === 'invalid') events.emit('key-invalid', { keys, reason: health.reason })
    if (health.status === 'cooling')
      events.emit('key-cooldown', { keys, model: null, until: health.until, reason: health.trouble })
    if (health.status === 'ready' && before.status === 'probing')
      events.emit('key-recovered', { keys, model: null })
  }

  setAccountHealth(account: KeyAccount, health: Health): void {
    if (account.health === health) return
    account.health = health
    account.trial = null
    this.#parts.onAccountHealth(account)
    this.#parts.selection.updateAll(account)
  }

  #settleKey(key: Key, outcome: Outcome, isTrial: boolean, now: number): void {
    if (outcome.kind === 'success') key.consecutiveFailures = 0
    else if (isUnexplained(outcome)) key.consecutiveFailures++
    else if (outcome.fault !== 'key') return
    const evidence = {
      outcome,
      isTrial,
      wasAccepted: key.successes > 0,
      isTrusted: outcome.fault !== 'key' || this.#guards.isTrusted(key, 'key', now),
      consecutiveFailures: key.consecutiveFailures,
      failureThreshold: this.#parts.options.failureThreshold,
    }
    this.setKeyHealth(key, settleKey(key.health, evidence, now))
  }

  #settleAccount({ key, account, needs }: Grant, outcome: Outcome, isTrial: boolean, now: number): void {
    const { fault } = outcome
    const isRefusal = fault === 'funds' || fault === 'disabled'
    const isTrusted = !isRefusal || this.#guards.isTrusted(key, fault, now)
    const before = account.health
    this.setAccountHealth(account, settleAccount(before, { outcome, isTrial, needs, isTrusted }, now))
    const { health } = account
    if (health === before) return
    const { events } = this.#parts
    const keys = keyIdsOf(account)
    if (health.status === 'ready') events.emit('key-recovered', { keys, model: null })
    if (health.status === 'exhausted') events.emit('key-exhausted', { keys, until: health.until })
    if (health.status === 'invalid') events.emit('key-invalid', { keys, reason: health.reason })
    if (health.status === 'cooling')
      events.emit('key-cooldown', { keys, model: null, until: health.until, reason: 'refused' })
  }

  /** A success that began after the cooldown did ends it, and resets its strikes. */
  #endCooldown({ account, model, entry, startedAt }: Grant): void {
    if (!account.hasCooldowns) return
    const cooldown = account.cooldowns.get(model)
    if (cooldown === undefined || startedAt <= cooldown.since) return
    account.endCooldown(model)
    entry.storm?.forget(account)
    entry.epoch++
    this.#parts.events.emit('key-recovered', { keys: keyIdsOf(account), model })
  }

  /** The first success after a storm shows that the upstream is back, for all accounts that failed in it. */
  #endStorm({ account: served, entry, model, startedAt }: Grant, now: number): void {
    const lifted = entry.storm?.succeeded(served, startedAt, now) ?? null
    if (lifted === null) return
    for (const account of lifted) {
      const cooldown = account.cooldowns.get(model)
      // An explicit one may have come in its place.
      if (cooldown === undefined || cooldown.until <= now || !endsWithOthers(cooldown)) continue
      account.liftCooldown(model, now)
      this.#parts.onLifted(account)
      this.#parts.events.emit('key-recovered', { keys: keyIdsOf(account), model })
    }
    entry.epoch++
  }

  #coolModel(grant: Grant, outcome: Outcome, now: number): void {
    const { account, model, startedAt } = grant
    const trust = outcome.kind === 'rate-limited' ? this.#learnLimit(grant, outcome, now) : 'believed'
    const running = account.cooldowns.get(model)
    const context = { ...this.#cooldownContext(now), trust }
    const cooldown = nextCooldown(running, { outcome, model, startedAt }, context)
    if (cooldown === undefined || cooldown === running) return
    account.startCooldown(cooldown, now)
    if (endsWithOthers(cooldown)) {
      grant.entry.storm ??= new ModelStorm()
      grant.entry.storm.failed(account, now)
    }
    const { until, reason } = cooldown
    this.#parts.events.emit('key-cooldown', { keys: keyIdsOf(account), model, until, reason })
  }

  /** Refusals that agree show where the limit is, whether one was declared or not. Returns what this one is worth. */
  #learnLimit(grant: Grant, outcome: Outcome, now: number): LimitTrust {
    const { account, entry, quota, startedAt } = grant
    entry.limitGuard ??= new EjectionGuard({ share: this.#parts.options.maxEjected })
    const isTrusted = entry.limitGuard.refused(account.id, this.#parts.accounts.size, now)
    // That a call beyond the limit is refused is what the limit says.
    const meter = grant.isBeyond ? null : (quota?.refused(outcome.meter, startedAt, now, isTrusted) ?? null)
    if (quota !== null && meter !== null) this.#reportLimit(grant, quota, meter)
    // Account after account is refused and none is served: these may be no limits of theirs.
    if (!isTrusted) return 'doubted'
    return quota?.learns === true ? 'tested' : 'believed'
  }

  #reportLimit({ account, model, entry }: Grant, quota: Quota, meter: Meter): void {
    entry.hasLearned = true
    if (meter === 'TPM' || meter === 'TPD') entry.countsTokens = true
    const bound = quota.learnedLimits()[meter]
    if (bound !== undefined)
      this.#parts.events.emit('limit-learned', { keys: keyIdsOf(account), model, meter, bound })
  }

  #coolAccount(account: KeyAccount, outcome: Outcome, now: number): void {
    const ended = { outcome, model: '', startedAt: now }
    const cooldown = nextCooldown(undefined, ended, this.#cooldownContext(now))
    if (cooldown === undefined) return
    const { until, reason } = cooldown
    const before = account.health
    this.setAccountHealth(account, coolUntil(before, until, outcome.message ?? reason))
    if (account.health === before) return
    this.#parts.events.emit('key-cooldown', { keys: keyIdsOf(account), model: null, until, reason })
  }

  #cooldownContext(now: number): CooldownContext {
    const { runtime, dayOffsetMs } = this.#parts
    return { now, jitter: runtime.random(), dayOffsetMs }
  }
}
