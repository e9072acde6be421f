import * as v from 'valibot'
import type { Runtime, Timer } from '../../runtime/runtime.js'
import { duration, positiveInteger, share, strict, wholeNumber } from '../../validation.js'

/** When a pool checks its own keys by itself. Every such check is a free request. */
export interface CheckScheduleOptions {
  /** Time between two rounds, each of which checks every key, in milliseconds; 0 means never. @default 0 */
  readonly everyMs?: number
  /** How far the time between two rounds may differ from `everyMs`, as a share of it, from 0 to 1. @default 0.1 */
  readonly jitter?: number
  /** Check a key after so many of its calls succeeded; 0 means never. @default 0 */
  readonly afterCalls?: number
  /**
   * Ask for the balance of a key whose call was refused for lack of money. The pool acts on the refusal either way, so
   * this only shows people more. @default false
   */
  readonly onLackOfFunds?: boolean
  /** The least time between two checks of one key, in milliseconds. @default 60_000 */
  readonly minIntervalMs?: number
  /** Keys checked at the same time. @default 2 */
  readonly concurrency?: number
}

export const defaultCheckSchedule: Required<CheckScheduleOptions> = Object.freeze({
  everyMs: 0,
  jitter: 0.1,
  afterCalls: 0,
  onLackOfFunds: false,
  minIntervalMs: 60_000,
  concurrency: 2,
})

/** The shape of the option `checks`. */
export const scheduleSchema: v.OptionalSchema<v.GenericSchema, undefined> = v.optional(
  strict(
    {
      everyMs: duration,
      jitter: v.optional(share),
      afterCalls: v.optional(wholeNumber),
      onLackOfFunds: v.optional(v.boolean('must be true or false')),
      minIntervalMs: duration,
      concurrency: v.optional(positiveInteger),
    },
    'must be an object of everyMs, jitter, afterCalls, onLackOfFunds, minIntervalMs and concurrency',
  ),
)

/** Why a key is checked: a round began, so many of its calls succeeded, or one was refused for lack of money. */
export type CheckReason = 'round' | 'calls' | 'funds'

/** What the schedule works with. It knows neither keys nor the upstream. */
export interface CheckScheduleParts {
  readonly options: Required<CheckScheduleOptions>
  /** Checks a key once. Must end soon after the signal fires. A rejection is ignored. */
  readonly check: (id: string, reason: CheckReason, signal: AbortSignal) => Promise<void>
  /** The pool's keys, by id. */
  readonly keys: Pick<ReadonlyMap<string, unknown>, 'keys' | 'has'>
  readonly runtime: Runtime
}

/** Checks keys in rounds, after calls and after refusals; each key once at a time, and not too often. */
export class CheckSchedule {
  readonly #parts: CheckScheduleParts
  readonly #due = new Map<string, CheckReason>()
  readonly #running = new Map<string, Promise<void>>()
  /** When keys were last checked (monotonic clock), the longest ago first; outdated entries are dropped. */
  readonly #checkedAt = new Map<string, number>()
  /** Successful calls since the last check, by key. */
  readonly #calls = new Map<string, number>()
  readonly #stop = new AbortController()
  #timer: Timer | null = null

  constructor(parts: CheckScheduleParts) {
    this.#parts = parts
  }

  /** Whether the schedule counts calls. When it does not, the pool is spared an event for every call. */
  get countsCalls(): boolean {
    return this.#parts.options.afterCalls > 0
  }

  /** Begins the rounds. The first one comes after `everyMs`, so that a start of the pool sends no burst of checks. */
  start(): void {
    const { options, runtime } = this.#parts
    if (options.everyMs === 0 || this.#stop.signal.aborted) return
    const jitterMs = options.everyMs * options.jitter * (2 * runtime.random() - 1)
    this.#timer = runtime.setTimer(() => this.#round(), Math.max(1, options.everyMs + jitterMs))
  }

  /** Counts a successful call under a key. */
  recordSuccess(id: string): void {
    const { afterCalls } = this.#parts.options
    if (afterCalls === 0) return
    const calls = (this.#calls.get(id) ?? 0) + 1
    if (calls < afterCalls) this.#calls.set(id, calls)
    else this.#request(id, 'calls')
  }

  /** Records that a call under a key was refused for lack of money. */
  recordLackOfFunds(id: string): void {
    if (this.#parts.options.onLackOfFunds) this.#request(id, 'funds')
  }

  /** Forgets keys that the pool no longer holds. */
  prune(): void {
    for (const records of [this.#due, this.#calls, this.#checkedAt])
      for (const id of records.keys()) if (!this.#parts.keys.has(id)) records.delete(id)
  }

  /** Begins no further check, aborts those that run, and waits for their end. */
  async close(): Promise<void> {
    this.#stop.abort()
    if (this.#timer !== null) this.#parts.runtime.clearTimer(this.#timer)
    this.#due.clear()
    await Promise.all(this.#running.values())
  }

  #round(): void {
    for (const id of this.#parts.keys.keys()) if (!this.#due.has(id)) this.#due.set(id, 'round')
    this.#startDue()
    this.start()
  }

  #request(id: string, reason: CheckReason): void {
    if (this.#stop.signal.aborted) return
    this.#due.set(id, reason)
    this.#startDue()
  }

  #startDue(): void {
    this.#dropOutdated()
    for (const [id, reason] of this.#due) {
      if (this.#running.size >= this.#parts.options.concurrency) return
      this.#due.delete(id)
      // A key that was checked a moment ago is passed over: what made it due again will do so again if it matters.
      if (!this.#running.has(id) && !this.#checkedAt.has(id)) this.#start(id, reason)
    }
  }

  #start(id: string, reason: CheckReason): void {
    this.#calls.delete(id)
    this.#checkedAt.set(id, this.#parts.runtime.monotonic())
    const checking = this.#check(id, reason).finally(() => {
      this.#running.delete(id)
      if (!this.#stop.signal.aborted) this.#startDue()
    })
    this.#running.set(id, checking)
  }

  async #check(id: string, reason: CheckReason): Promise<void> {
    try {
      await this.#parts.check(id, reason, this.#stop.signal)
    } catch {
      // A failed check finds nothing out; the next one may.
    }
  }

  #dropOutdated(): void {
    const { options, runtime } = this.#parts
    const now = runtime.monotonic()
    for (const [id, at] of this.#checkedAt) {
      if (now - at < options.minIntervalMs) break
      this.#checkedAt.delete(id)
    }
  }
}
