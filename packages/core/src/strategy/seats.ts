import { ConfigError } from '../errors.js'
import type { Account } from '../key/account.js'
import { hindranceOfKey } from '../key/eligibility.js'
import { Key } from '../key/key.js'
import type { Candidate, Strategy } from './strategy.js'

/** The keys that a strategy chooses among: those that nothing stands against. */
export class Seats {
  readonly #strategy: Strategy

  constructor(strategy: Strategy) {
    this.#strategy = strategy
  }

  /** Seats a key, unless something stands against it. */
  take(key: Key): void {
    if (key.seated || hindranceOfKey(key) !== undefined) return
    key.seated = true
    this.#strategy.add(key)
  }

  leave(key: Key): void {
    if (!key.seated) return
    key.seated = false
    this.#strategy.remove(key)
  }

  /** Seats an account's keys anew, after something about them all has changed. */
  review(account: Account): void {
    for (const key of account.keys) {
      if (hindranceOfKey(key) === undefined) this.take(key)
      else this.leave(key)
    }
  }

  /** The next one that is accepted. Throws a `ConfigError` when a user's own strategy breaks its contract. */
  pick(accepts: (candidate: Candidate) => boolean): Key | undefined {
    const picked = this.#strategy.pick(accepts)
    if (picked === undefined) return undefined
    // A strategy that ignores `accepts` would have a request call refused keys for ever.
    if (picked instanceof Key && picked.seated && accepts(picked)) return picked
    throw new ConfigError(
      'strategy',
      'must pick a key that was added to it and that it was told is accepted',
      picked.id,
    )
  }
}
