import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { leastInFlight } from './least-in-flight.js'
import { countPicks, withCandidates } from './testing/candidate.js'

describe('least-in-flight', () => {
  it('gives faster keys more requests', () => {
    const all = liveKeys(4)
    const pool = new LivePool(withCandidates(leastInFlight(seededRandom(1)), all), {
      lastsMs: (key) => (key === all[0] ? 4_000 : 1_000),
    })
    const counts = countPicks(100_000, () => {
      pool.advance(50)
      return pool.serve()
    })
    // A quarter of the attempts, each four times as long, is the same load.
    expect((counts['key-0'] ?? 0) / (counts['key-1'] ?? 0)).toBeCloseTo(0.25, 1)
  })

  it('keeps the loads of any two keys within one attempt of each other', () => {
    const all = liveKeys(7)
    const pool = new LivePool(withCandidates(leastInFlight(seededRandom(2)), all), { lastsMs: () => 1e9 })
    for (let picks = 0; picks < 1_000; picks++) {
      pool.serve()
      const loads = all.map(({ inFlight }) => inFlight)
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
    }
  })

  it('fills a returning key up to the load of the others and no further', () => {
    const all = liveKeys(5)
    const [absent] = all as [LiveKey]
    const strategy = withCandidates(leastInFlight(seededRandom(3)), all)
    const pool = new LivePool(strategy, { lastsMs: () => 1e9 })
    strategy.remove(absent)
    countPicks(40, () => pool.serve())
    strategy.add(absent)
    countPicks(10, () => pool.serve())
    expect(absent.inFlight).toBe(10)
    countPicks(5, () => pool.serve())
    expect(all.map(({ inFlight }) => inFlight)).toEqual([11, 11, 11, 11, 11])
  })
})
