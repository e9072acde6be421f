import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { leastInFlight } from './least-in-flight.js'
import { seated, tally } from './testing/candidate.js'

describe('least-in-flight', () => {
  it('serves keys by how fast they are done', () => {
    const all = liveKeys(4)
    const pool = new LivePool(seated(leastInFlight(seededRandom(1)), all), {
      lastsMs: (key) => (key === all[0] ? 4_000 : 1_000),
    })
    const counts = tally(100_000, () => {
      pool.advance(50)
      return pool.serve()
    })
    // Of attempts four times as long, a quarter of them is the same load.
    expect((counts['key-0'] ?? 0) / (counts['key-1'] ?? 0)).toBeCloseTo(0.25, 1)
  })

  it('never lets the load of two keys differ by more than one while only it assigns', () => {
    const all = liveKeys(7)
    const pool = new LivePool(seated(leastInFlight(seededRandom(2)), all), { lastsMs: () => 1e9 })
    for (let picks = 0; picks < 1_000; picks++) {
      pool.serve()
      const loads = all.map(({ inFlight }) => inFlight)
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1)
    }
  })

  it('fills a key that comes back to the load of the others, and no further', () => {
    const all = liveKeys(5)
    const [absent] = all as [LiveKey]
    const strategy = seated(leastInFlight(seededRandom(3)), all)
    const pool = new LivePool(strategy, { lastsMs: () => 1e9 })
    strategy.remove(absent)
    tally(40, () => pool.serve())
    strategy.add(absent)
    tally(10, () => pool.serve())
    expect(absent.inFlight).toBe(10)
    tally(5, () => pool.serve())
    expect(all.map(({ inFlight }) => inFlight)).toEqual([11, 11, 11, 11, 11])
  })
})
