import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import type { Candidate } from './strategy.js'
import { acceptAll, candidate, countPicks, plain, withCandidates } from './testing/candidate.js'
import { defaultScoreWeights, type ScoreWeights, weightedScore } from './weighted-score.js'

/** The ids from the best to the worst. */
function ranking(all: readonly Candidate[], weights?: Partial<ScoreWeights>): string {
  const strategy = withCandidates(weightedScore(seededRandom(1), weights), all)
  let ranked = ''
  const offer = ({ id }: Candidate): boolean => {
    ranked += id
    return false
  }
  strategy.peek?.(offer, plain)
  return ranked
}

const rates = (rpm: number, tpm: number): Pick<Candidate, 'rpm' | 'tpm'> => ({
  rpm: () => rpm,
  tpm: () => tpm,
})

describe('weighted-score', () => {
  it('weighs 0.4 for balance, 0.3 for success, 0.15 each for requests and tokens of the last minute', () => {
    expect(defaultScoreWeights).toEqual({ balance: 0.4, success: 0.3, rpm: 0.15, tpm: 0.15, usage: 0 })
    // 0.4 x 7/14 + 0.3 x 0.9 + 0.15 x (1 - 30/60) + 0.15 x (1 - 1000/4000) = 0.6575
    const a = candidate('a', { balance: 7, successes: 9, failures: 1, ...rates(30, 1_000) })
    // 0.4 x 14/14 + 0.3 x 0.5 + 0.15 x (1 - 60/60) + 0.15 x (1 - 4000/4000) = 0.55
    const b = candidate('b', { balance: 14, successes: 1, failures: 1, ...rates(60, 4_000) })
    // 0.4 x 0/14 + 0.3 x 1 + 0.15 x (1 - 0/60) + 0.15 x (1 - 0/4000) = 0.6
    const c = candidate('c', { balance: 0 })
    expect(ranking([a, b, c])).toBe('acb')
    expect(ranking([a, b, c], { balance: 8, success: 6, rpm: 3, tpm: 3 })).toBe('acb')
  })

  it.each([
    // 0.4 x 7/14 = 0.2, against 0.3 x (1 - rate): the scores are equal at a rate of one third.
    { rate: 0.32, first: 'a' },
    { rate: 0.34, first: 'b' },
  ])('prefers $first at a success rate of $rate', ({ rate, first }) => {
    const a = candidate('a', { balance: 7 })
    const b = candidate('b', { balance: 14, successes: rate * 100, failures: 100 - rate * 100 })
    expect(ranking([a, b])[0]).toBe(first)
  })

  it('counts a balance above 14 as 14, and a negative or unknown one as 0', () => {
    const spared = rates(1, 0)
    const rich = candidate('a', { balance: 5_000, ...spared })
    expect(ranking([rich, candidate('b', { balance: 14 })])).toBe('ba')
    const indebted = candidate('a', { balance: -50 })
    expect(ranking([indebted, candidate('b', { balance: 0, ...spared })])).toBe('ab')
    const unknown = candidate('a', { balance: null })
    expect(ranking([unknown, candidate('b', { balance: 0, ...spared })])).toBe('ab')
  })

  it('scores requests and tokens relative to the highest among the keys compared', () => {
    const busy = candidate('a', { balance: 14, ...rates(10, 10) })
    const calm = candidate('b', { balance: 4, ...rates(5, 5) })
    // 0.4 x 10/14 = 0.286 more balance, 0.3 x 5/10 = 0.15 less for requests and tokens.
    expect(ranking([busy, calm])).toBe('ab')
    // Beside a very busy key, both score almost fully for requests and tokens.
    expect(ranking([busy, calm, candidate('c', rates(1_000, 1_000))])).toBe('abc')
    const calmer = candidate('b', { balance: 4 })
    // 0.286 more balance, 0.3 x 10/10 less for requests and tokens; almost nothing less beside the very busy key.
    expect(ranking([busy, calmer])).toBe('ba')
    expect(ranking([busy, calmer, candidate('c', rates(1_000, 1_000))])).toBe('abc')
  })

  it('accepts weights of any sum and treats missing ones as 0', () => {
    const a = candidate('a', { requests: 100 })
    const b = candidate('b', { requests: 300, successes: 1 })
    const c = candidate('c', { successes: 8, failures: 2 })
    // 0.7 x 1 + 0.3 x (1 - 100/300) = 0.9; 0.7 x 1 + 0 = 0.7; 0.7 x 0.8 + 0.3 = 0.86
    expect(ranking([a, b, c], { success: 0.7, usage: 0.3 })).toBe('acb')
    expect(ranking([a, b, c], { success: 70, usage: 30 })).toBe('acb')
    expect(ranking([a, b, c], { usage: 1 })).toBe('cab')
  })

  it('spreads many requests evenly over keys that differ only in usage', () => {
    const all = liveKeys(10, { balance: 14 })
    const pool = new LivePool(withCandidates(weightedScore(seededRandom(2)), all))
    const counts = countPicks(100_000, () => {
      pool.advance(20)
      return pool.serve()
    })
    for (const count of Object.values(counts)) expect(Math.abs(count - 10_000)).toBeLessThan(200)
  })

  it('gives the key with the lower balance fewer requests, but some', () => {
    const all = liveKeys(2, { balance: 14 })
    const [poor] = all as [LiveKey, LiveKey]
    // 0.4 x 4/14 = 0.114 less: 0.38 of what requests and tokens weigh together.
    poor.balance = 10
    const pool = new LivePool(withCandidates(weightedScore(seededRandom(3)), all))
    const counts = countPicks(100_000, () => {
      pool.advance(20)
      return pool.serve()
    })
    expect((counts['key-0'] ?? 0) / (counts['key-1'] ?? 0)).toBeCloseTo(1 - (0.4 * 4) / 14 / 0.3, 1)
  })

  it('alternates between keys with equal scores', () => {
    const strategy = withCandidates(weightedScore(seededRandom(4)), [candidate('a'), candidate('b')])
    expect([1, 2, 3, 4].map(() => strategy.pick(acceptAll, plain)?.id).join('')).toBe('abab')
  })
})
