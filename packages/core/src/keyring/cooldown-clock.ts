import type { Key, KeyAccount } from '../key/key.js'
import { shiftedCooldown } from '../key/key-health.js'
import type { Runtime } from '../runtime/runtime.js'
import { ExpiryQueue } from './expiry-queue.js'

export interface CooldownClockParts {
  readonly runtime: Runtime
  readonly keys: ReadonlyMap<string, Key>
  readonly accounts: ReadonlyMap<string, KeyAccount>
  /** The cooldown of an account, or of a key, may be over. */
  readonly onAccountCooled: (account: KeyAccount, now: number) => void
  readonly onKeyCooled: (key: Key, now: number) => void
  /** The clock was set back, and all cooldowns with it. */
  readonly onSetBack: () => void
}

/** A clock that goes back by less than this is only being adjusted. */
const toleranceMs = 1_000

/** The clock of the cooldowns. When the wall clock is set back, they go with it and keep their remaining lengths. */
export class CooldownClock {
  readonly #parts: CooldownClockParts
  readonly #accounts = new ExpiryQueue<KeyAccount>()
  readonly #keys = new ExpiryQueue<Key>()
  #latest = Number.NEGATIVE_INFINITY

  constructor(parts: CooldownClockParts) {
    this.#parts = parts
  }

  /** The time, after all cooldowns that are due by then were ended. */
  endDue(): number {
    const now = this.now()
    for (let due = this.#accounts.next(now); due !== undefined; due = this.#accounts.next(now))
      this.#parts.onAccountCooled(due, now)
    for (let due = this.#keys.next(now); due !== undefined; due = this.#keys.next(now))
      this.#parts.onKeyCooled(due, now)
    return now
  }

  now(): number {
    const now = this.#parts.runtime.now()
    if (now < this.#latest - toleranceMs) this.#setBack(now - this.#latest)
    this.#latest = now
    return now
  }

  watchAccount(account: KeyAccount): void {
    this.#accounts.schedule(account)
  }

  watchKey(key: Key): void {
    this.#keys.schedule(key)
  }

  #setBack(byMs: number): void {
    const { accounts, keys, onSetBack } = this.#parts
    for (const account of accounts.values()) {
      account.shiftCooldowns(byMs)
      this.#accounts.schedule(account)
    }
    for (const key of keys.values()) {
      key.health = shiftedCooldown(key.health, byMs)
      this.#keys.schedule(key)
    }
    onSetBack()
  }
}
