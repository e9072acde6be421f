import type { CooldownReason } from './key/cooldown.js'
import type { Balance } from './money/balance.js'
import type { Meter } from './outcome/meter.js'
import type { Outcome } from './outcome/outcome.js'

/** What a pool reports as it happens. Keys are named by id; no event carries a secret. */
export interface PoolEvents {
  /** One upstream call ended. */
  readonly 'attempt-end': { key: string; model: string; outcome: Outcome; durationMs: number }
  /** These keys cool down: their account on one model, or, when `model` is null, it or they on all. */
  readonly 'key-cooldown': {
    keys: readonly string[]
    model: string | null
    until: number
    reason: CooldownReason | 'refused' | 'failing'
  }
  /** The account of these keys has no money. */
  readonly 'key-exhausted': { keys: readonly string[]; until: number }
  /** These keys are refused for good. */
  readonly 'key-invalid': { keys: readonly string[]; reason: string }
  /** A cooldown is over and a call succeeded again. */
  readonly 'key-recovered': { keys: readonly string[]; model: string | null }
  /** Refusals showed what the account of these keys may use of a model, for now. */
  readonly 'limit-learned': { keys: readonly string[]; model: string; meter: Meter; bound: number }
  /** A user's own strategy threw or broke its contract; round robin takes its place. Reported once for each strategy. */
  readonly 'strategy-fault': { fault: string; cause: unknown }
  /** A lease was not settled in time; its places were given back. */
  readonly 'lease-expired': { key: string; model: string }
  /** Keys were added, removed or changed, here or by another process. */
  readonly 'keys-changed': { total: number }
  /** Records of the store (settings, clients, users) were changed, here or by another process. */
  readonly 'records-changed': Record<never, never>
  /** Another figure is known of an account's money: asked for, entered, or shown wrong by what the upstream answered. */
  readonly 'balance-updated': { account: string; balance: Balance }
  /** An account has less than `minBalance`: models that cost something are left to others until it has more. */
  readonly 'balance-low': { account: string; keys: readonly string[]; balance: Balance }
  /** Saving or reading the store failed; the pool goes on and tries again. The same fault is told once a minute. */
  readonly 'store-error': { error: Error }
  /** The store works again, and what could not be saved is saved. */
  readonly 'store-recovered': { failedMs: number }
}

type Listener<Name extends keyof PoolEvents> = (event: PoolEvents[Name]) => void

/** A typed, synchronous notice board. A listener that throws does not disturb the pool or other listeners. */
export class PoolEmitter {
  readonly #listeners = new Map<keyof PoolEvents, Set<Listener<never>>>()

  on<Name extends keyof PoolEvents>(name: Name, listener: Listener<Name>): void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener as Listener<never>))
  }

  off<Name extends keyof PoolEvents>(name: Name, listener: Listener<Name>): void {
    const listeners = this.#listeners.get(name)
    listeners?.delete(listener as Listener<never>)
    if (listeners?.size === 0) this.#listeners.delete(name)
  }

  /** Lets hot paths skip building an event without a listener. */
  has(name: keyof PoolEvents): boolean {
    return this.#listeners.has(name)
  }

  emit<Name extends keyof PoolEvents>(name: Name, event: PoolEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        ;(listener as Listener<Name>)(event)
      } catch (error) {
        // Surfaces as an uncaught exception of the listener's own making, outside the request it would have broken.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
