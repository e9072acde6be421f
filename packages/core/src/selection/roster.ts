import type { Key } from '../key/key.js'
import { roundRobin } from '../strategy/round-robin.js'
import type { Candidate, EndedPick, PickRequest, Strategy } from '../strategy/strategy.js'

/** Reports what a user's own strategy did wrong, once for each roster. */
export type OnStrategyFault = (message: string, cause?: unknown) => void

/**
 * The keys that one strategy chooses among. A user's own strategy may throw, or pick a key that it was not given or that
 * was not accepted. That costs no request: round robin picks in its place, and the fault is reported once.
 */
export class Roster {
  readonly #strategy: Strategy
  readonly #members = new Set<Candidate>()
  readonly #onFault: OnStrategyFault | null
  #fallback: Strategy | null = null
  readonly usesSession: boolean
  readonly wantsEnds: boolean

  /** `onFault` is given for a user's own strategy; built-in strategies are not checked. */
  constructor(strategy: Strategy, onFault: OnStrategyFault | null = null) {
    this.#strategy = strategy
    this.#onFault = onFault
    this.usesSession = strategy.usesSession === true
    this.wantsEnds = typeof strategy.ended === 'function'
  }

  get size(): number {
    return this.#members.size
  }

  /** Adds the key to the members, or removes it. */
  set(key: Key, isMember: boolean): void {
    if (isMember === this.#members.has(key)) return
    if (isMember) {
      this.#members.add(key)
      this.#fallback?.add(key)
      this.#guarded(() => this.#strategy.add(key))
    } else {
      this.#members.delete(key)
      this.#fallback?.remove(key)
      this.#guarded(() => this.#strategy.remove(key))
    }
  }

  pick(accepts: (candidate: Candidate) => boolean, request: PickRequest): Key | undefined {
    if (this.#members.size === 0) return undefined
    if (this.#onFault === null) return this.#strategy.pick(accepts, request) as Key | undefined
    const picked = this.#guarded(() => this.#strategy.pick(accepts, request))
    if (picked.isDone && picked.value === undefined) return this.#pickUnknown(accepts, request)
    if (picked.isDone && this.#mayServe(picked.value, accepts)) return picked.value as Key
    if (picked.isDone)
      this.#fault(`picked ${nameOf(picked.value)}, which is no key that it was given and told to be accepted`)
    return this.#useFallback().pick(accepts, request) as Key | undefined
  }

  /** Returns the key that `pick` would; null when the strategy cannot foresee it. */
  peek(accepts: (candidate: Candidate) => boolean, request: PickRequest): Key | undefined | null {
    const { peek } = this.#strategy
    if (peek === undefined) return null
    const seen = this.#guarded(() => peek.call(this.#strategy, accepts, request))
    if (!seen.isDone) return null
    const isKnown = this.#onFault === null || seen.value === undefined || this.#mayServe(seen.value, accepts)
    return isKnown ? (seen.value as Key | undefined) : null
  }

  ended(key: Key, pick: EndedPick): void {
    this.#guarded(() => this.#strategy.ended?.(key, pick))
  }

  /** Asks the fallback when the strategy finds no key: one that has failed before may have missed keys that were added. */
  #pickUnknown(accepts: (candidate: Candidate) => boolean, request: PickRequest): Key | undefined {
    return this.#fallback?.pick(accepts, request) as Key | undefined
  }

  /** Whether a picked key is a member and accepted: else a strategy that ignores `accepts` would repeat refused keys for ever. */
  #mayServe(candidate: Candidate | undefined, accepts: (candidate: Candidate) => boolean): boolean {
    return candidate !== undefined && this.#members.has(candidate) && accepts(candidate)
  }

  /** Runs a step of the strategy, and reports when a user's own throws. */
  #guarded<T>(step: () => T): { isDone: true; value: T } | { isDone: false } {
    if (this.#onFault === null) return { isDone: true, value: step() }
    try {
      return { isDone: true, value: step() }
    } catch (error) {
      this.#fault('threw', error)
      return { isDone: false }
    }
  }

  #fault(what: string, cause?: unknown): void {
    if (this.#fallback === null) this.#onFault?.(what, cause)
    this.#useFallback()
  }

  #useFallback(): Strategy {
    if (this.#fallback !== null) return this.#fallback
    this.#fallback = roundRobin()
    for (const member of this.#members) this.#fallback.add(member)
    return this.#fallback
  }
}

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? `"${String(value.id)}"` : typeof value
