import type { OutcomeKind } from '../outcome/outcome.js'
import type { Candidate, EndedPick } from './strategy.js'

/** How long one key takes for one model. */
interface Pace {
  readonly model: string
  ms: number
  measuredAt: number
}

/** Models remembered for each key: those measured last. */
const modelsKept = 32

/** An attempt that the upstream did not bring to a good end counts as one that was this slow, or twice as slow as usual. */
const failedMs = 5_000
const slowestFailedMs = 30_000

/** An estimate that nobody renews fades this much more slowly than one that is renewed. */
const idleFactor = 6

/**
 * How long keys take until the first output, by model: a peak-sensitive moving average. A slower sample counts in full
 * at once, a faster one the more the older the estimate is. An estimate without new samples fades, so a key that was
 * slow, or failed, is tried again one day.
 */
export class LatencyEwma {
  /** A short list is faster to search than a map, and a request in a thousand asks for a rare model. */
  readonly #paces = new WeakMap<Candidate, Pace[]>()
  readonly #decayMs: number

  constructor(decayMs: number) {
    this.#decayMs = decayMs
  }

  /** The estimate in milliseconds; undefined when nothing was measured. */
  of(candidate: Candidate, model: string, now: number): number | undefined {
    const pace = this.#paceOf(candidate, model)
    return pace && pace.ms * fading(now - pace.measuredAt, this.#decayMs * idleFactor)
  }

  ended(candidate: Candidate, { model, kind, firstOutputMs, now }: EndedPick): void {
    const ms = isFailure(kind) ? failed(this.of(candidate, model, now)) : firstOutputMs
    if (ms === null) return
    const pace = this.#paceOf(candidate, model)
    if (pace === undefined) return this.#remember(candidate, { model, ms, measuredAt: now })
    const kept = ms > pace.ms ? 0 : fading(now - pace.measuredAt, this.#decayMs)
    pace.ms = ms + kept * (pace.ms - ms)
    pace.measuredAt = now
  }

  #paceOf(candidate: Candidate, model: string): Pace | undefined {
    return this.#paces.get(candidate)?.find((pace) => pace.model === model)
  }

  #remember(candidate: Candidate, pace: Pace): void {
    const paces = this.#paces.get(candidate) ?? []
    this.#paces.set(candidate, paces)
    if (paces.length < modelsKept) paces.push(pace)
    else paces[longestAgo(paces)] = pace
  }
}

function longestAgo(paces: readonly Pace[]): number {
  return paces.reduce(
    (oldest, { measuredAt }, at) => (measuredAt < (paces[oldest]?.measuredAt ?? 0) ? at : oldest),
    0,
  )
}

/** What remains of something after that time. */
const fading = (ageMs: number, decayMs: number): number => Math.exp(-Math.max(0, ageMs) / decayMs)

const failed = (estimate = 0): number => Math.max(failedMs, Math.min(slowestFailedMs, 2 * estimate))

const isFailure = (kind: OutcomeKind): boolean =>
  kind === 'upstream-error' || kind === 'network-error' || kind === 'timeout' || kind === 'truncated'
