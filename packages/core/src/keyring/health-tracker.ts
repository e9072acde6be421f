import type { PoolEmitter } from '../events.js'
import { coolUntil, type Health, ready, refused, settle, subjectOf } from '../key/account-health.js'
import { type CooldownContext, nextCooldown } from '../key/cooldown.js'
import { EjectionGuard } from '../key/ejection-guard.js'
import type { Key, KeyAccount } from '../key/key.js'
import { answerProbe, isUnexplained, type KeyHealth, settleKey } from '../key/key-health.js'
import type { Outcome } from '../outcome/outcome.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'
import type { Selector } from '../selection/selector.js'
import type { HealthOptions } from './health-options.js'

export interface HealthTrackerParts {
  readonly options: Required<HealthOptions>
  readonly selection: Selector
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly dayOffsetMs: number
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, KeyAccount>
  /** Told of every new health of an account or a key, before keys take their seats. */
  readonly onAccountHealth: (account: KeyAccount) => void
  readonly onKeyHealth: (key: Key) => void
}

/** Which trials an attempt was. */
export interface Trials {
  readonly ofAccount: boolean
  readonly ofKey: boolean
}

/** What follows from outcomes: the health of keys and accounts, and how long who rests on what. */
export class HealthTracker {
  readonly #parts: HealthTrackerParts
  /** By site and kind of refusal, once there was one. */
  readonly #guards = new Map<string, EjectionGuard>()

  constructor(parts: HealthTrackerParts) {
    this.#parts = parts
  }

  judge(grant: Grant, outcome: Outcome, trials: Trials, now: number): void {
    const { key, account } = grant
    if (outcome.kind === 'success') this.#believeAgain(key.site, grant.startedAt)
    this.#judgeKey(key, outcome, trials.ofKey, now)
    // A key that has moved meanwhile says nothing of the account it is with now.
    if (account !== key.account) return
    const subject = subjectOf(outcome)
    if (subject === 'account-model') return this.#cool(grant, outcome, now)
    if (subject === 'account' && outcome.fault !== 'funds' && outcome.fault !== 'disabled')
      return this.#restAccount(account, outcome, now)
    if (outcome.kind === 'success') this.#endCooldown(grant)
    this.#judgeAccount(grant, outcome, trials.ofAccount, now)
  }

  /** What a free request found out about a key that rests. */
  answer(key: Key, outcome: Outcome, now: number): void {
    // Somebody has looked at it meanwhile.
    if (key.health.status !== 'cooling') return
    if (outcome.kind === 'success') this.#guards.get(guardName(key.site, 'key'))?.accepted(now)
    const isBelieved = outcome.fault !== 'key' || this.#isBelieved(key, 'key', now)
    if (outcome.fault === 'disabled' && this.#isBelieved(key, 'disabled', now)) {
      // The secret was taken, and its account turned away.
      this.setKeyHealth(key, ready)
      const { account } = key
      const closed = refused(outcome, now)
      this.setAccountHealth(account, closed)
      this.#parts.events.emit('key-invalid', { keys: idsOf(account), reason: closed.reason })
      return
    }
    this.setKeyHealth(key, answerProbe(key.health, { outcome, isBelieved }, now))
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

  #judgeKey(key: Key, outcome: Outcome, isTrial: boolean, now: number): void {
    if (outcome.kind === 'success') key.failuresInRow = 0
    else if (isUnexplained(outcome)) key.failuresInRow++
    else if (outcome.fault !== 'key') return
    const verdict = {
      outcome,
      isTrial,
      isTrusted: key.successes > 0,
      isBelieved: outcome.fault !== 'key' || this.#isBelieved(key, 'key', now),
      failuresInRow: key.failuresInRow,
      failureThreshold: this.#parts.options.failureThreshold,
    }
    this.setKeyHealth(key, settleKey(key.health, verdict, now))
  }

  #judgeAccount({ key, account, needs }: Grant, outcome: Outcome, isTrial: boolean, now: number): void {
    const { fault } = outcome
    const isRefusal = fault === 'funds' || fault === 'disabled'
    const isBelieved = !isRefusal || this.#isBelieved(key, fault, now)
    const before = account.health
    this.setAccountHealth(account, settle(before, { outcome, isTrial, needs, isBelieved }, now))
    const { health } = account
    if (health === before) return
    const { events } = this.#parts
    const keys = idsOf(account)
    if (health.status === 'ready') events.emit('key-recovered', { keys, model: null })
    if (health.status === 'exhausted') events.emit('key-exhausted', { keys, until: health.until })
    if (health.status === 'invalid') events.emit('key-invalid', { keys, reason: health.reason })
    if (health.status === 'cooling')
      events.emit('key-cooldown', { keys, model: null, until: health.until, reason: 'refused' })
  }

  /** A call has output: what made its account rest on the model is over, long before a stream is. */
  answered(grant: Grant): void {
    this.#endCooldown(grant)
  }

  /** A success that began after the rest did ends it, and the count of strikes with it. */
  #endCooldown({ account, model, entry, startedAt }: Grant): void {
    if (!account.hasCooldowns) return
    const cooldown = account.cooldowns.get(model)
    if (cooldown === undefined || startedAt <= cooldown.since) return
    account.endCooldown(model)
    entry.epoch++
    this.#parts.events.emit('key-recovered', { keys: idsOf(account), model })
  }

  #cool(grant: Grant, outcome: Outcome, now: number): void {
    const { account, model, startedAt } = grant
    if (outcome.kind === 'rate-limited') this.#learnLimit(grant, outcome, now)
    const running = account.cooldowns.get(model)
    const cooldown = nextCooldown(running, { outcome, model, startedAt }, this.#cooldownContext(now))
    if (cooldown === undefined || cooldown === running) return
    account.startCooldown(cooldown, now)
    const { until, reason } = cooldown
    this.#parts.events.emit('key-cooldown', { keys: idsOf(account), model, until, reason })
  }

  /** A refusal says where the limit is, whether it was declared or not. */
  #learnLimit({ account, model, entry, quota, startedAt }: Grant, outcome: Outcome, now: number): void {
    const meter = quota?.refused(outcome.meter, startedAt, now) ?? null
    if (quota === null || meter === null) return
    if (meter === 'TPM' || meter === 'TPD') entry.countsTokens = true
    const bound = quota.learnedLimits()[meter]
    if (bound !== undefined)
      this.#parts.events.emit('limit-learned', { keys: idsOf(account), model, meter, bound })
  }

  #restAccount(account: KeyAccount, outcome: Outcome, now: number): void {
    const ended = { outcome, model: '', startedAt: now }
    const cooldown = nextCooldown(undefined, ended, this.#cooldownContext(now))
    if (cooldown === undefined) return
    const { until, reason } = cooldown
    const before = account.health
    this.setAccountHealth(account, coolUntil(before, until, outcome.message ?? reason))
    if (account.health === before) return
    this.#parts.events.emit('key-cooldown', { keys: idsOf(account), model: null, until, reason })
  }

  #cooldownContext(now: number): CooldownContext {
    const { runtime, dayOffsetMs } = this.#parts
    return { now, jitter: runtime.random(), dayOffsetMs }
  }

  /** Whether a refusal tells of its key or account, or rather of an upstream that refuses everybody. */
  #isBelieved(key: Key, fault: 'key' | 'funds' | 'disabled', now: number): boolean {
    const { keys, accounts, options } = this.#parts
    const name = guardName(key.site, fault)
    const guard = this.#guards.get(name) ?? new EjectionGuard({ share: options.maxEjected })
    this.#guards.set(name, guard)
    return fault === 'key'
      ? guard.refused(key.id, keys.size, now)
      : guard.refused(key.account.id, accounts.size, now)
  }

  #believeAgain(site: string, startedAt: number): void {
    if (this.#guards.size === 0) return
    for (const fault of ['key', 'funds', 'disabled'])
      this.#guards.get(guardName(site, fault))?.accepted(startedAt)
  }
}

const guardName = (site: string, fault: string): string => `${fault} ${site}`

const idsOf = (account: KeyAccount): string[] => Array.from(account.keys, ({ id }) => id)
