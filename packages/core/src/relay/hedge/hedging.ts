import * as v from 'valibot'
import { completed, strict } from '../../validation.js'
import type { Call } from '../request/call.js'
import { LatencyPercentiles } from './latency-percentiles.js'

/** A second attempt for requests that wait unusually long for their first output. Each one costs its tokens. */
export interface HedgingOptions {
  /**
   * When it begins, in milliseconds after the first attempt; null for the time within which 95 of 100 requests to the
   * model had their first output lately. @default null
   */
  readonly afterMs?: number | null
  /** The share of requests that may have one, from 0 to 1. @default 0.05 */
  readonly maxShare?: number
}

const settings = strict(
  {
    afterMs: v.optional(v.nullable(v.pipe(v.number(), v.minValue(1, 'must be at least 1 ms, or null')))),
    maxShare: v.optional(
      v.pipe(v.number(), v.minValue(0, 'must be from 0 to 1'), v.maxValue(1, 'must be from 0 to 1')),
    ),
  },
  'must be true, false, or an object of afterMs and maxShare',
)

export const hedgingSchema: v.GenericSchema = v.lazy((value) =>
  typeof value === 'boolean' ? v.boolean() : settings,
)

const defaults: Required<HedgingOptions> = Object.freeze({ afterMs: null, maxShare: 0.05 })

/** Hedges saved up by requests that needed none: enough for a few at once, too few to double the load of a bad hour. */
const mostSaved = 10

/** Decides which requests get a second attempt, and when. */
export class Hedging {
  readonly #options: Required<HedgingOptions>
  readonly #times = new LatencyPercentiles()
  #saved = 0

  constructor(options: HedgingOptions = {}) {
    this.#options = completed(defaults, options)
  }

  /**
   * How long the first attempt of a request has to itself, in milliseconds; null when a second one would not be safe,
   * or too little is known of the model. Asked once for every request, it also counts them.
   */
  delayFor({ route, model, body }: Call, isStream: boolean): number | null {
    this.#saved = Math.min(this.#saved + this.#options.maxShare, mostSaved)
    if (route.repeat !== 'safe' || route.name === 'read') return null
    if (body !== null && 'stream' in body) return null
    return this.#options.afterMs ?? this.#times.usualMsFor(model, isStream)
  }

  /** Whether one more is within the share. */
  get mayStart(): boolean {
    // Twenty twentieths make a little less than one.
    return this.#saved > 0.999
  }

  /** One has begun. */
  spend(): void {
    this.#saved -= 1
  }

  /** How long the first output of a call took; of one that was given up, how long it was waited for. */
  learn(model: string, isStream: boolean, firstOutputMs: number): void {
    this.#times.add(model, isStream, firstOutputMs)
  }
}
