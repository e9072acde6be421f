import { LatencyEwma } from './latency-ewma.js'
import { betterOfTwo } from './sampling/better-of-two.js'
import { ShuffleBag } from './sampling/shuffle-bag.js'
import type { Candidate, PickRequest, Strategy } from './strategy.js'

export interface FastestOptions {
  /** Decay time of a slow sample while faster ones follow, in milliseconds. @default 10_000 */
  readonly decayMs?: number
}

/** Latency assumed of an unmeasured key with an attempt running: one first attempt at a time is enough. */
const untriedMs = 10_000

/**
 * Picks, of two random keys, the one with the lower latency to the first output, times its attempts running. A key that
 * was not measured yet for the model serves at once, and then counts as slow until its first measurement.
 */
export function fastest(chance: () => number, { decayMs = 10_000 }: FastestOptions = {}): Strategy {
  const bag = new ShuffleBag(chance)
  const firstOutputs = new LatencyEwma(decayMs)

  const pick = (
    accepts: (candidate: Candidate) => boolean,
    { model, now }: PickRequest,
  ): Candidate | undefined => {
    const cost = (candidate: Candidate): number => {
      const { inFlight } = candidate
      const ms = firstOutputs.of(candidate, model, now) ?? (inFlight === 0 ? 0 : untriedMs)
      return ms * (inFlight + 1)
    }
    return betterOfTwo(bag, cost, accepts)
  }

  return {
    add: (candidate) => bag.add(candidate),
    remove: (candidate) => bag.remove(candidate),
    pick,
    peek: (accepts, request) => bag.preview(() => pick(accepts, request)),
    ended: (candidate, pick) => firstOutputs.ended(candidate, pick),
  }
}
