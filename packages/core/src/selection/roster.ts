import type { Key } from '../key/key.js'
import { roundRobin } from '../strategy/round-robin.js'
import type { Candidate, EndedPick, PickRequest, Strategy } from '../strategy/strategy.js'

/** What a user's own strategy did wrong, once per roster. */
export type OnStrategyFault = (message: string, cause?: unknown) => void

/**
 * The keys that one strategy chooses among. A user's own strategy that throws, or gives a key that it was not given or
 * that was not accepted, costs nobody a request: turns are taken in its place, and the fault is told once.
 */
export class Roster {
  readonly #strategy: Strategy
  readonly #members = new Set<Candidate>()
  readonly #onFault: OnStrategyFault | null
  #substitute: Strategy | null = null
  readonly usesSession: boolean
  readonly wantsEnds: boolean

  /** `onFault` is given for a user's own strategy; ours are not watched. */
  constructor(strategy: Strategy, onFault: OnStrategyFault | null = null) {
    this.#strategy = strategy
    this.#onFault = onFault
    this.usesSession = strategy.usesSession === true
    this.wantsEnds = typeof strategy.ended === 'function'
  }

  get size(): number {
    return this.#members.size
  }

  /** Seats a key, or takes it off. */
  set(key: Key, isMember: boolean): void {
    if (isMember === this.#members.has(key)) return
    if (isMember) {
      this.#members.add(key)
      this.#substitute?.add(key)
      this.#guarded(() => this.#strategy.add(key))
    } else {
      this.#members.delete(key)
      this.#substitute?.remove(key)
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
    return this.#stepIn().pick(accepts, request) as Key | undefined
  }

  /** Whom `pick` would give; null when its strategy cannot tell in advance. */
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

  /** One that failed before may have missed who came: that it has nobody does not mean that there is nobody. */
  #pickUnknown(accepts: (candidate: Candidate) => boolean, request: PickRequest): Key | undefined {
    return this.#substitute?.pick(accepts, request) as Key | undefined
  }

  /** A strategy that ignores `accepts` would have a request call refused keys for ever. */
  #mayServe(candidate: Candidate | undefined, accepts: (candidate: Candidate) => boolean): boolean {
    return candidate !== undefined && this.#members.has(candidate) && accepts(candidate)
  }

  /** Runs a step of the strategy's; ours cannot fail. */
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
    if (this.#substitute === null) this.#onFault?.(what, cause)
    this.#stepIn()
  }

  #stepIn(): Strategy {
    if (this.#substitute !== null) return this.#substitute
    this.#substitute = roundRobin()
    for (const member of this.#members) this.#substitute.add(member)
    return this.#substitute
  }
}

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'id' in value ? `"${String(value.id)}"` : typeof value
