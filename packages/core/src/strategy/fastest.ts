import { LatencyEwma } from './latency-ewma.js'
import { betterOfTwo } from './sampling/better-of-two.js'
import { ShuffleBag } from './sampling/shuffle-bag.js'
import type { Candidate, PickRequest, Strategy } from './strategy.js'

export interface FastestOptions {
  /** How fast a slow sample is forgotten while faster ones follow, in milliseconds. @default 10_000 */
  readonly decayMs?: number
}

/** As fast as this we believe a key to be that is being tried for the first time: one trial at a time is enough. */
const untriedMs = 10_000

/**
 * Whoever of two drawn by chance takes less time to the first output, times the attempts it has running. A key that was
 * not measured yet for the model serves at once, and then as a slow one until the first measurement is in.
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
    peek: (accepts, request) => bag.ahead(() => pick(accepts, request)),
    ended: (candidate, pick) => firstOutputs.ended(candidate, pick),
  }
}
