import type { EventBoard } from './events.js'
import { Account, type Balance } from './key/account.js'
import { type CooldownContext, nextCooldown } from './key/cooldown.js'
import { hindranceOnModel } from './key/eligibility.js'
import { type Health, type KeyHealth, refused, restUntil, settle, subjectOf, wake } from './key/health.js'
import type { Key } from './key/key.js'
import type { Outcome } from './key/outcome.js'
import { type Refusal, refusalFor } from './key/refusal.js'
import type { Turn } from './key/turn.js'
import { WakeUps } from './key/wake-ups.js'
import type { Runtime } from './runtime.js'
import { Seats } from './strategy/seats.js'
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

export interface KeyringOptions {
  readonly strategy: Strategy
  readonly runtime: Runtime
  readonly events: EventBoard
  readonly dayOffsetMs: number
  /** Told of every key or account whose state changed. */
  readonly onChange: (key: Key, account: Account) => void
}

/** What a check or the operator found out. */
export interface Finding {
  readonly key?: KeyHealth
  readonly account?: Health
  readonly balance?: Balance
  /** Forget all rests on single models. */
  readonly forgetCooldowns?: boolean
}

/** A clock that goes back by less than this is only being adjusted. */
const clockToleranceMs = 1_000

/**
 * The one owner of the keys' state. It seats with the strategy the keys that nothing stands against, takes them off
 * when an outcome says so, and wakes them when their rest is over. Nothing here waits: between reading the state and
 * writing it no other code runs.
 */
export class Keyring {
  readonly keys: Map<string, Key> = new Map()
  readonly accounts: Map<string, Account> = new Map()
  readonly #seats: Seats
  readonly #runtime: Runtime
  readonly #events: EventBoard
  readonly #dayOffsetMs: number
  readonly #onChange: (key: Key, account: Account) => void
  readonly #wakeUps = new WakeUps()
  #added = 0
  #latest = Number.NEGATIVE_INFINITY
  // The request being served by `take`, held here so that a pick allocates nothing.
  #wanted: Wanted = { model: '', tried: null, lastResorts: 0 }
  #now = 0

  constructor(options: KeyringOptions) {
    this.#seats = new Seats(options.strategy)
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

  /** Takes a key in. One whose id is known already stays out: the known one has leases and a history. */
  add(key: Key): void {
    if (this.keys.has(key.id)) return
    key.order = this.#added++
    this.keys.set(key.id, key)
    key.account.keys.add(key)
    if (key.account.keys.size === 1) this.#wakeUps.schedule(key.account)
    this.#seats.take(key)
  }

  remove(key: Key): void {
    if (!this.#holds(key)) return
    this.keys.delete(key.id)
    this.#seats.leave(key)
    this.#leave(key, key.account)
  }

  /** Applies a change of the operator's to a key, whose seat may depend on it. */
  change(key: Key, apply: () => void): void {
    if (!this.#holds(key)) return
    this.#seats.leave(key)
    const before = key.account
    apply()
    if (key.account !== before) {
      key.account.keys.add(key)
      this.#leave(key, before)
    }
    this.#seats.take(key)
  }

  /** Sets what a check or the operator found out, whatever the state was. */
  restore(key: Key, found: Finding): void {
    const { account } = key
    if (found.key !== undefined) key.health = found.key
    if (found.account !== undefined) this.#setHealth(account, found.account)
    if (found.balance !== undefined) account.balance = found.balance
    if (found.forgetCooldowns === true) account.cooldowns.clear()
    this.#seats.review(account)
    this.#onChange(key, account)
  }

  /** The key that serves next, its attempt already counted as running; or why there is none. */
  take(wanted: Wanted): Turn | Refusal {
    const now = this.#time()
    this.#wakeDue(now)
    this.#wanted = wanted
    this.#now = now
    let key = this.#seats.pick(this.#acceptsReady)
    if (key === undefined && wanted.lastResorts > 0) {
      key = this.#seats.pick(this.#acceptsResting)
      if (key !== undefined) wanted.lastResorts--
    }
    return key === undefined ? refusalFor(this.keys.values(), wanted.model, now) : this.#start(key, now)
  }

  /** Ends an attempt and moves the state by its outcome. */
  settle(turn: Turn, outcome: Outcome, usage: Usage | null): void {
    const now = this.#time()
    const { key } = turn
    const isTrial = turn.account.trial === turn
    if (isTrial) turn.account.trial = null
    key.inFlight--
    if (outcome.kind === 'success') key.successes++
    if (usage !== null) {
      key.promptTokens += usage.promptTokens
      key.completionTokens += usage.completionTokens
    }
    if (this.#holds(key)) {
      // A key that has moved meanwhile says nothing of the account it is with now.
      if (turn.account === key.account || outcome.fault === 'key') this.#judge(turn, outcome, isTrial, now)
      this.#onChange(key, key.account)
    }
    // Whatever the trial told, it is over: its account's keys may sit down again unless the outcome forbids it.
    if (isTrial) this.#seats.review(turn.account)
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

  #start(key: Key, now: number): Turn {
    const { account } = key
    const turn: Turn = { key, account, model: this.#wanted.model, startedAt: now }
    key.inFlight++
    key.requests++
    key.lastUsedAt = now
    if (account.health.status === 'probing') {
      account.trial = turn
      this.#seats.review(account)
    }
    return turn
  }

  #judge(turn: Turn, outcome: Outcome, isTrial: boolean, now: number): void {
    const subject = subjectOf(outcome)
    if (subject === 'key') return this.#refuse(turn.key, outcome, now)
    if (subject === 'account-model') return this.#cool(turn, outcome, now)
    const isRest = subject === 'account' && outcome.fault !== 'funds' && outcome.fault !== 'disabled'
    if (isRest) return this.#restAccount(turn.account, outcome, now)
    const { account } = turn
    const before = account.health
    this.#setHealth(account, settle(before, { outcome, isTrial }, now))
    if (outcome.kind === 'success') this.#endCooldown(turn)
    const { health } = account
    if (health === before) return
    this.#seats.review(account)
    if (health.status === 'ready') this.#events.emit('key-recovered', { keys: idsOf(account), model: null })
    if (health.status === 'exhausted')
      this.#events.emit('key-exhausted', { keys: idsOf(account), until: health.until })
    if (health.status === 'invalid')
      this.#events.emit('key-invalid', { keys: idsOf(account), reason: health.reason })
  }

  #refuse(key: Key, outcome: Outcome, now: number): void {
    if (key.health.status === 'invalid') return
    key.health = refused(outcome, now)
    this.#seats.leave(key)
    this.#events.emit('key-invalid', { keys: [key.id], reason: outcome.message ?? outcome.kind })
  }

  /** A success that began after the rest did ends it, and the count of strikes with it. */
  #endCooldown({ account, model, startedAt }: Turn): void {
    const cooldown = account.cooldowns.get(model)
    if (cooldown === undefined || startedAt <= cooldown.since) return
    account.cooldowns.delete(model)
    this.#events.emit('key-recovered', { keys: idsOf(account), model })
  }

  #cool({ account, model, startedAt }: Turn, outcome: Outcome, now: number): void {
    const running = account.cooldowns.get(model)
    const cooldown = nextCooldown(running, { outcome, model, startedAt }, this.#cooldownContext(now))
    if (cooldown === undefined || cooldown === running) return
    account.rest(cooldown, now)
    const { until, reason } = cooldown
    this.#events.emit('key-cooldown', { keys: idsOf(account), model, until, reason })
  }

  #restAccount(account: Account, outcome: Outcome, now: number): void {
    const ended = { outcome, model: '', startedAt: now }
    const cooldown = nextCooldown(undefined, ended, this.#cooldownContext(now))
    if (cooldown === undefined) return
    const { until, reason } = cooldown
    const before = account.health
    this.#setHealth(account, restUntil(before, until, outcome.message ?? reason))
    if (account.health === before) return
    this.#seats.review(account)
    this.#events.emit('key-cooldown', { keys: idsOf(account), model: null, until, reason })
  }

  #cooldownContext(now: number): CooldownContext {
    return { now, jitter: this.#runtime.random(), dayOffsetMs: this.#dayOffsetMs }
  }

  #setHealth(account: Account, health: Health): void {
    if (account.health === health) return
    account.health = health
    account.trial = null
    this.#wakeUps.schedule(account)
  }

  /** The wall clock. When it is set back, rests go with it, so that they keep what was left of them. */
  #time(): number {
    const now = this.#runtime.now()
    if (now < this.#latest - clockToleranceMs) {
      for (const account of this.accounts.values()) {
        account.moveRests(now - this.#latest)
        this.#wakeUps.schedule(account)
      }
    }
    this.#latest = now
    return now
  }

  /** Turns rests that are over into trials. */
  #wakeDue(now: number): void {
    for (let due = this.#wakeUps.next(now); due !== undefined; due = this.#wakeUps.next(now)) {
      const health = wake(due.health, now)
      if (health === due.health) continue
      this.#setHealth(due, health)
      this.#seats.review(due)
    }
  }

  #holds(key: Key): boolean {
    return this.keys.get(key.id) === key
  }

  /** Takes a key off an account, whose trial the key's attempt may be. */
  #leave(key: Key, account: Account): void {
    account.keys.delete(key)
    if (account.keys.size === 0) this.accounts.delete(account.id)
    if (account.trial?.key === key) {
      account.trial = null
      this.#seats.review(account)
    }
  }
}

const idsOf = (account: Account): string[] => Array.from(account.keys, ({ id }) => id)
