import type { EventBoard } from './events.js'
import { Account, type Balance } from './key/account.js'
import { type CooldownContext, nextCooldown } from './key/cooldown.js'
import { hindranceOfKey, hindranceOnModel } from './key/eligibility.js'
import { type Health, isTimed, restUntil, settle, subjectOf, wake } from './key/health.js'
import type { Key } from './key/key.js'
import type { Outcome } from './key/outcome.js'
import { type Refusal, refusalFor } from './key/refusal.js'
import type { Runtime } from './runtime.js'
import { MinHeap } from './strategy/min-heap.js'
import type { Candidate, Strategy } from './strategy/strategy.js'
import type { Usage } from './usage/usage.js'

/** What a request wants of the next lease. */
export interface Wanted {
  /** `''` when the request names none. */
  readonly model: string
  /** Keys that served this request already; null before the first attempt. */
  readonly tried: ReadonlySet<Key> | null
  /** How many more keys that rest by our own guess this request may wake. */
  lastResorts: number
}

/** How an attempt ended. */
export interface Settlement {
  readonly model: string
  readonly outcome: Outcome
  readonly usage: Usage | null
  /** When the attempt began, in milliseconds since the Unix epoch. */
  readonly startedAt: number
}

interface WakeUp {
  readonly at: number
  readonly account: Account
  readonly key: Key | null
}

export interface KeyringOptions {
  readonly strategy: Strategy
  readonly runtime: Runtime
  readonly events: EventBoard
  readonly dayOffsetMs: number
  /** Told of every key or account whose state changed. */
  readonly onChange: (key: Key, account: Account) => void
}

/**
 * The one owner of the keys' state. It seats with the strategy the keys that nothing stands against, takes them off
 * when an outcome says so, and wakes them when their rest is over. Nothing here waits: between reading the state and
 * writing it no other code runs.
 */
export class Keyring {
  readonly keys: Map<string, Key> = new Map()
  readonly accounts: Map<string, Account> = new Map()
  readonly #strategy: Strategy
  readonly #runtime: Runtime
  readonly #events: EventBoard
  readonly #dayOffsetMs: number
  readonly #onChange: (key: Key, account: Account) => void
  readonly #wakeUps = new MinHeap<WakeUp>((one, other) => one.at < other.at)
  #added = 0
  // The request being served by `take`, held here so that a pick allocates nothing.
  #wanted: Wanted = { model: '', tried: null, lastResorts: 0 }
  #now = 0

  constructor(options: KeyringOptions) {
    this.#strategy = options.strategy
    this.#runtime = options.runtime
    this.#events = options.events
    this.#dayOffsetMs = options.dayOffsetMs
    this.#onChange = options.onChange
  }

  /** The account of that id, made when it is new. */
  accountOf(id: string): Account {
    const known = this.accounts.get(id)
    if (known !== undefined) return known
    const account = new Account(id)
    this.accounts.set(id, account)
    return account
  }

  add(key: Key): void {
    key.order = this.#added++
    this.keys.set(key.id, key)
    key.account.keys.add(key)
    this.#scheduleWakeUp(key.account, key)
    this.#scheduleWakeUp(key.account, null)
    this.#seat(key)
  }

  remove(key: Key): void {
    this.keys.delete(key.id)
    if (key.seated) this.#unseat(key)
    key.account.keys.delete(key)
    if (key.account.keys.size === 0) this.accounts.delete(key.account.id)
  }

  /** Applies a change of the operator's to a key, whose seat may depend on it. */
  change(key: Key, apply: () => void): void {
    if (key.seated) this.#unseat(key)
    const before = key.account
    apply()
    if (key.account !== before) {
      before.keys.delete(key)
      if (before.keys.size === 0) this.accounts.delete(before.id)
      key.account.keys.add(key)
    }
    this.#seat(key)
  }

  /** Sets what a check or the operator found out, whatever the state was: health, and all rests forgotten. */
  restore(
    key: Key,
    found: { key?: Health; account?: Health; balance?: Balance; forgetCooldowns?: boolean },
  ): void {
    const { account } = key
    if (found.key !== undefined) key.health = found.key
    if (found.account !== undefined) account.health = found.account
    if (found.balance !== undefined) account.balance = found.balance
    if (found.forgetCooldowns === true) account.cooldowns.clear()
    this.#scheduleWakeUp(account, key)
    this.#scheduleWakeUp(account, null)
    this.#reseat(account)
    this.#onChange(key, account)
  }

  /** The key that serves next, its attempt already counted as running; or why there is none. */
  take(wanted: Wanted): Key | Refusal {
    const now = this.#runtime.now()
    this.#wakeDue(now)
    this.#wanted = wanted
    this.#now = now
    let key = this.#strategy.pick(this.#acceptsReady) as Key | undefined
    if (key === undefined && wanted.lastResorts > 0) {
      key = this.#strategy.pick(this.#acceptsResting) as Key | undefined
      if (key !== undefined) wanted.lastResorts--
    }
    if (key === undefined) return refusalFor(this.keys.values(), wanted.model, now)
    this.#start(key, now)
    return key
  }

  /** Ends an attempt and moves the state by its outcome. */
  settle(key: Key, settlement: Settlement): void {
    const now = this.#runtime.now()
    const { account } = key
    const { outcome, usage } = settlement
    key.inFlight--
    if (outcome.kind === 'success') key.successes++
    if (usage !== null) {
      key.promptTokens += usage.promptTokens
      key.completionTokens += usage.completionTokens
    }
    if (outcome.kind === 'success') this.#heal(key, settlement, now)
    else if (outcome.fault !== undefined) this.#blame(key, settlement.model, outcome, now)
    // A trial is over, whatever it told: the seat is free again unless the outcome took it.
    if (key.health.status === 'probing' || account.health.status === 'probing') this.#reseat(account)
    this.#onChange(key, account)
  }

  readonly #acceptsReady = (candidate: Candidate): boolean => {
    const key = candidate as Key
    const { model, tried } = this.#wanted
    return hindranceOnModel(key, model, this.#now) === undefined && !(tried?.has(key) ?? false)
  }

  readonly #acceptsResting = (candidate: Candidate): boolean => {
    const key = candidate as Key
    const { model, tried } = this.#wanted
    return hindranceOnModel(key, model, this.#now) === 'resting' && !(tried?.has(key) ?? false)
  }

  #start(key: Key, now: number): void {
    key.inFlight++
    key.requests++
    key.lastUsedAt = now
    // One trial at a time: the account's keys leave their seats until it is settled.
    if (key.health.status === 'probing') this.#unseat(key)
    if (key.account.health.status === 'probing') for (const sibling of key.account.keys) this.#unseat(sibling)
  }

  #heal(key: Key, settlement: Settlement, now: number): void {
    const { account } = key
    const { outcome, model, startedAt } = settlement
    const keyBefore = key.health
    const accountBefore = account.health
    key.health = settle(keyBefore, outcome, now)
    account.health = settle(accountBefore, outcome, now)
    if (key.health !== keyBefore || account.health !== accountBefore) {
      this.#reseat(account)
      this.#events.emit('key-recovered', { keys: idsOf(account), model: null })
    }
    // A success that began after the rest did ends it, and the count of strikes with it.
    const cooldown = account.cooldowns.get(model)
    if (cooldown !== undefined && startedAt > cooldown.since) {
      account.cooldowns.delete(model)
      this.#events.emit('key-recovered', { keys: idsOf(account), model })
    }
  }

  #blame(key: Key, model: string, outcome: Outcome, now: number): void {
    const subject = subjectOf(outcome)
    if (subject === 'none') return
    if (subject === 'account-model') return this.#cool(key, model, outcome, now)
    if (outcome.accountWide === true) return this.#restAccount(key.account, outcome, now)
    const holder = subject === 'key' ? key : key.account
    const before = holder.health
    holder.health = settle(before, outcome, now)
    if (holder.health === before) return
    this.#scheduleWakeUp(key.account, subject === 'key' ? key : null)
    this.#reseat(key.account)
    const keys = subject === 'key' ? [key.id] : idsOf(key.account)
    const { health } = holder
    if (health.status === 'exhausted') this.#events.emit('key-exhausted', { keys, until: health.until })
    if (health.status === 'invalid') this.#events.emit('key-invalid', { keys, reason: health.reason })
  }

  #cool(key: Key, model: string, outcome: Outcome, now: number): void {
    const { cooldowns } = key.account
    const cooldown = nextCooldown(cooldowns.get(model), outcome, model, this.#cooldownContext(now))
    if (cooldown === undefined) return
    cooldowns.set(model, cooldown)
    const { until, reason } = cooldown
    this.#events.emit('key-cooldown', { keys: idsOf(key.account), model, until, reason })
  }

  #restAccount(account: Account, outcome: Outcome, now: number): void {
    const cooldown = nextCooldown(undefined, outcome, '', this.#cooldownContext(now))
    if (cooldown === undefined) return
    const { until, reason } = cooldown
    account.health = restUntil(account.health, until, outcome.message ?? reason)
    this.#scheduleWakeUp(account, null)
    this.#reseat(account)
    this.#events.emit('key-cooldown', { keys: idsOf(account), model: null, until, reason })
  }

  #cooldownContext(now: number): CooldownContext {
    return { now, jitter: this.#runtime.random(), dayOffsetMs: this.#dayOffsetMs }
  }

  #scheduleWakeUp(account: Account, key: Key | null): void {
    const { health } = key ?? account
    if (isTimed(health)) this.#wakeUps.push({ at: health.until, account, key })
  }

  /** Turns rests that are over into trials. Entries whose rest was lengthened or lifted meanwhile fall through. */
  #wakeDue(now: number): void {
    for (let due = this.#wakeUps.peek(); due !== undefined && due.at <= now; due = this.#wakeUps.peek()) {
      this.#wakeUps.pop()
      const holder = due.key ?? due.account
      const health = wake(holder.health, now)
      if (health === holder.health) continue
      holder.health = health
      this.#reseat(due.account)
    }
  }

  #reseat(account: Account): void {
    for (const key of account.keys) {
      if (hindranceOfKey(key) === undefined) this.#seat(key)
      else this.#unseat(key)
    }
  }

  #seat(key: Key): void {
    if (key.seated || hindranceOfKey(key) !== undefined || !this.keys.has(key.id)) return
    key.seated = true
    this.#strategy.add(key)
  }

  #unseat(key: Key): void {
    if (!key.seated) return
    key.seated = false
    this.#strategy.remove(key)
  }
}

const idsOf = (account: Account): string[] => Array.from(account.keys, ({ id }) => id)
