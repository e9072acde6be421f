import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { LivePool, liveKeys } from '../testing/live-pool.js'
import { highSuccessRate, successRate } from './high-success-rate.js'
import { candidate, countPicks, withCandidates } from './testing/candidate.js'

describe('high-success-rate', () => {
  it('rates a key by its ended attempts, and a key without any as 1', () => {
    expect(successRate(candidate('a'))).toBe(1)
    expect(successRate(candidate('a', { requests: 9, successes: 3, failures: 1 }))).toBe(0.75)
  })

  it('avoids failing keys and spreads requests evenly over the best', () => {
    const all = liveKeys(6)
    const chance = seededRandom(1)
    const pool = new LivePool(withCandidates(highSuccessRate(seededRandom(2)), all), {
      outcome: ({ order }) => ({
        kind: order < 3 && chance() < 0.2 ? 'upstream-error' : 'success',
        firstOutputMs: null,
      }),
    })
    const counts = countPicks(99_000, () => pool.serve())
    for (const { id } of all.slice(0, 3)) expect(counts[id]).toBeLessThan(100)
    const best = all.slice(3).map(({ id }) => counts[id] ?? 0)
    expect(Math.max(...best) - Math.min(...best)).toBeLessThanOrEqual(1)
  })
})
