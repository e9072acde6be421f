import * as v from 'valibot'
import { PatternMap } from '../../collections/pattern-map.js'
import type { Outcome } from '../../outcome/outcome.js'
import { byModel, completed, duration, strict } from '../../validation.js'

/** The time limit of each phase of an upstream call, in milliseconds; 0 means no limit. */
export interface Timeouts {
  /** Until the connection is made. @default 10_000 */
  readonly connect: number
  /** From sending the request to the first byte of the answer. Long, because thinking models think first. @default 300_000 */
  readonly firstByte: number
  /** From sending the request to the first output of a stream. @default 600_000 */
  readonly firstOutput: number
  /** Between two pieces of an answer. @default 300_000 */
  readonly idle: number
  /**
   * Between two pieces of output, while only signs of life come: comments, pings, empty events, white space before a
   * JSON reply. @default twice `idle`, or a longer `firstOutput` that was set
   */
  readonly stalled: number
  /** For the whole request, all attempts included. @default 0 */
  readonly total: number
}

export interface TimeoutOptions extends Partial<Timeouts> {
  /** Limits of single models, by name or pattern; a phase that is not given has the common limit. */
  readonly models?: Readonly<Record<string, Partial<Timeouts>>>
}

export const defaultTimeouts: Timeouts = Object.freeze({
  connect: 10_000,
  firstByte: 300_000,
  firstOutput: 600_000,
  idle: 300_000,
  stalled: 600_000,
  total: 0,
})

/** A hung upstream that goes on sending signs of life gets so many times the time of one that is silent. */
const idleTimes = 2

const phases = {
  connect: duration,
  firstByte: duration,
  firstOutput: duration,
  idle: duration,
  stalled: duration,
  total: duration,
}

export const timeoutSchema: v.GenericSchema = strict(
  {
    ...phases,
    models: v.optional(
      byModel(
        strict(phases, 'must be an object of connect, firstByte, firstOutput, idle, stalled and total'),
      ),
    ),
  },
  'must be an object of connect, firstByte, firstOutput, idle, stalled, total and models',
)

/** The option that limits a phase, for error messages. */
export const optionOf: Readonly<Record<NonNullable<Outcome['phase']>, string>> = Object.freeze({
  connect: 'timeouts.connect',
  'first-byte': 'timeouts.firstByte',
  'first-output': 'timeouts.firstOutput',
  idle: 'timeouts.idle',
  stalled: 'timeouts.stalled',
  total: 'timeouts.total',
})

/** Finds the timeouts of a model. */
export class ModelTimeouts {
  /** The timeouts of models that have none of their own. */
  readonly common: Timeouts
  readonly #models: PatternMap<Timeouts> | null

  constructor({ models, ...common }: TimeoutOptions = {}) {
    this.common = withStalled(defaultTimeouts, common)
    const own = Object.entries(models ?? {}).map(
      ([name, given]) => [name, withStalled(this.common, given)] as const,
    )
    this.#models = own.length === 0 ? null : new PatternMap<Timeouts>(Object.fromEntries(own))
  }

  of(model: string): Timeouts {
    return this.#models?.get(model) ?? this.common
  }
}

/** The given limits on top of others; the limit of a stalled answer follows from those that it was given with. */
function withStalled(others: Timeouts, given: Partial<Timeouts>): Timeouts {
  const limits = completed(others, given)
  const { stalled, idle, firstOutput } = given
  if (stalled !== undefined || (idle === undefined && firstOutput === undefined)) return limits
  const least = idle === undefined ? limits.stalled : idleTimes * idle
  return { ...limits, stalled: least === 0 ? 0 : Math.max(least, firstOutput ?? 0) }
}
