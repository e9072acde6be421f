import * as v from 'valibot'
import type { Runtime, Timer } from '../runtime/runtime.js'
import { duration, positiveInteger, share, strict, wholeNumber } from '../validation.js'

/** When a pool looks at its own keys by itself. Every look is a free request. */
export interface CheckScheduleOptions {
  /** Look at every key each so many milliseconds; 0 means never. @default 0 */
  readonly everyMs?: number
  /** How far the time between two rounds may stray, as a share of it, from 0 to 1. @default 0.1 */
  readonly jitter?: number
  /** Look at a key after so many of its calls went well; 0 means never. @default 0 */
  readonly afterCalls?: number
  /**
   * Look at what is left on a key whose call was refused for lack of money. What the refusal said holds until it is
   * asked again by itself, so this only tells people more. @default false
   */
  readonly onLackOfFunds?: boolean
  /** A key is looked at once in so many milliseconds at most. @default 60_000 */
  readonly minIntervalMs?: number
  /** Keys looked at at the same time. @default 2 */
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

/** Why a key is looked at: its turn came, so many of its calls went well, or it was refused for lack of money. */
export type LookReason = 'round' | 'calls' | 'funds'

/** What a schedule is handed: it knows neither keys nor the upstream. */
export interface CheckScheduleParts {
  readonly options: Required<CheckScheduleOptions>
  /** Looks at a key once. To end soon after the signal fires. What it rejects with is passed over. */
  readonly look: (id: string, reason: LookReason, signal: AbortSignal) => Promise<void>
  /** The keys there are, by their ids. */
  readonly keys: Pick<ReadonlyMap<string, unknown>, 'keys' | 'has'>
  readonly runtime: Runtime
}

/** Looks at keys at times, after calls and after refusals; each key once at a time, and not too often. */
export class CheckSchedule {
  readonly #parts: CheckScheduleParts
  readonly #due = new Map<string, LookReason>()
  readonly #running = new Map<string, Promise<void>>()
  /** When keys were looked at, the longest ago first; what no longer matters is dropped. */
  readonly #lookedAt = new Map<string, number>()
  /** Calls that went well since the last look. */
  readonly #calls = new Map<string, number>()
  readonly #stop = new AbortController()
  #timer: Timer | null = null

  constructor(parts: CheckScheduleParts) {
    this.#parts = parts
  }

  /** Whether calls are of any interest: to hear of each costs a little. */
  get hearsCalls(): boolean {
    return this.#parts.options.afterCalls > 0
  }

  /** Begins the rounds; the first comes after a while, for a start is no time to ask about everything. */
  start(): void {
    const { options, runtime } = this.#parts
    if (options.everyMs === 0 || this.#stop.signal.aborted) return
    const strayMs = options.everyMs * options.jitter * (2 * runtime.random() - 1)
    this.#timer = runtime.setTimer(() => this.#round(), Math.max(1, options.everyMs + strayMs))
  }

  /** A call under a key went well. */
  noteSuccess(id: string): void {
    const { afterCalls } = this.#parts.options
    if (afterCalls === 0) return
    const calls = (this.#calls.get(id) ?? 0) + 1
    if (calls < afterCalls) this.#calls.set(id, calls)
    else this.#ask(id, 'calls')
  }

  /** A call under a key was refused for lack of money. */
  noteLackOfFunds(id: string): void {
    if (this.#parts.options.onLackOfFunds) this.#ask(id, 'funds')
  }

  /** Forgets keys that are gone. */
  prune(): void {
    for (const of of [this.#due, this.#calls, this.#lookedAt])
      for (const id of of.keys()) if (!this.#parts.keys.has(id)) of.delete(id)
  }

  /** Begins nothing more, calls off what is under way, and waits for its end. */
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

  #ask(id: string, reason: LookReason): void {
    if (this.#stop.signal.aborted) return
    this.#due.set(id, reason)
    this.#startDue()
  }

  #startDue(): void {
    this.#dropOld()
    for (const [id, reason] of this.#due) {
      if (this.#running.size >= this.#parts.options.concurrency) return
      this.#due.delete(id)
      // Somebody has just looked; what made it due again will come again if it matters.
      if (!this.#running.has(id) && !this.#lookedAt.has(id)) this.#start(id, reason)
    }
  }

  #start(id: string, reason: LookReason): void {
    this.#calls.delete(id)
    this.#lookedAt.set(id, this.#parts.runtime.monotonic())
    const looking = this.#look(id, reason).finally(() => {
      this.#running.delete(id)
      if (!this.#stop.signal.aborted) this.#startDue()
    })
    this.#running.set(id, looking)
  }

  async #look(id: string, reason: LookReason): Promise<void> {
    try {
      await this.#parts.look(id, reason, this.#stop.signal)
    } catch {
      // Nothing was found out; the next look will tell.
    }
  }

  #dropOld(): void {
    const { options, runtime } = this.#parts
    const now = runtime.monotonic()
    for (const [id, at] of this.#lookedAt) {
      if (now - at < options.minIntervalMs) break
      this.#lookedAt.delete(id)
    }
  }
}
