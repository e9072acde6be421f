import type { OutcomeKind } from '../outcome/outcome.js'
import type { Candidate, EndedPick } from './strategy.js'

/** The latency estimate of one key for one model. */
interface LatencyEstimate {
  readonly model: string
  ms: number
  measuredAt: number
}

/** How many models are remembered for each key: those measured last. */
const modelsKept = 32

/** A failed attempt counts as this slow, or as twice as slow as the estimate. */
const failedMs = 5_000
const slowestFailedMs = 30_000

/** An estimate without new samples fades this many times more slowly than one with them. */
const idleFactor = 6

/**
 * Latency to the first output by key and model, as a peak-sensitive moving average. A slower sample counts in full at
 * once; a faster one counts more, the older the estimate is. An estimate without new samples fades, so a key that was
 * slow or failed is tried again.
 */
export class LatencyEwma {
  /** A short list is faster to search than a map, and a request in a thousand asks for a rare model. */
  readonly #estimates = new WeakMap<Candidate, LatencyEstimate[]>()
  readonly #decayMs: number

  constructor(decayMs: number) {
    this.#decayMs = decayMs
  }

  /** The estimate in milliseconds; undefined when nothing was measured. */
  of(candidate: Candidate, model: string, now: number): number | undefined {
    const estimate = this.#estimateOf(candidate, model)
    return estimate && estimate.ms * fading(now - estimate.measuredAt, this.#decayMs * idleFactor)
  }

  ended(candidate: Candidate, { model, kind, firstOutputMs, now }: EndedPick): void {
    const ms = isFailure(kind) ? failed(this.of(candidate, model, now)) : firstOutputMs
    if (ms === null) return
    const estimate = this.#estimateOf(candidate, model)
    if (estimate === undefined) return this.#remember(candidate, { model, ms, measuredAt: now })
    const kept = ms > estimate.ms ? 0 : fading(now - estimate.measuredAt, this.#decayMs)
    estimate.ms = ms + kept * (estimate.ms - ms)
    estimate.measuredAt = now
  }

  #estimateOf(candidate: Candidate, model: string): LatencyEstimate | undefined {
    return this.#estimates.get(candidate)?.find((estimate) => estimate.model === model)
  }

  #remember(candidate: Candidate, estimate: LatencyEstimate): void {
    const estimates = this.#estimates.get(candidate) ?? []
    this.#estimates.set(candidate, estimates)
    if (estimates.length < modelsKept) estimates.push(estimate)
    else estimates[longestAgo(estimates)] = estimate
  }
}

function longestAgo(estimates: readonly LatencyEstimate[]): number {
  return estimates.reduce(
    (oldest, { measuredAt }, at) => (measuredAt < (estimates[oldest]?.measuredAt ?? 0) ? at : oldest),
    0,
  )
}

/** The fraction that remains after `ageMs`. */
const fading = (ageMs: number, decayMs: number): number => Math.exp(-Math.max(0, ageMs) / decayMs)

const failed = (estimate = 0): number => Math.max(failedMs, Math.min(slowestFailedMs, 2 * estimate))

const isFailure = (kind: OutcomeKind): boolean =>
  kind === 'upstream-error' || kind === 'network-error' || kind === 'timeout' || kind === 'truncated'
