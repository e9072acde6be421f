import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { leastUsed } from './least-used.js'
import { seated, tally } from './testing/candidate.js'

describe('least-used', () => {
  it('evens out what came by another way', () => {
    const all = liveKeys(4)
    const pool = new LivePool(seated(leastUsed(seededRandom(1)), all))
    for (let done = 0; done < 90_000; done++) {
      pool.serve()
      if (done % 9 === 0) all[0]?.begin(pool.now)
    }
    expect(all.map(({ requests }) => requests)).toEqual([25_000, 25_000, 25_000, 25_000])
  })

  it('gives a newcomer no more than its share among keys with a million requests', () => {
    const all = liveKeys(9, { requests: 1_000_000 })
    const strategy = seated(leastUsed(seededRandom(2)), all)
    const pool = new LivePool(strategy)
    tally(9_000, () => pool.serve())
    const newcomer = liveKeys(10)[9] as LiveKey
    strategy.add(newcomer)
    const counts = tally(1_000, () => pool.serve())
    expect(counts['key-9']).toBe(100)
  })

  it('begins evenly with keys that were used unevenly before', () => {
    const all = liveKeys(5)
    for (const [place, key] of all.entries()) key.requests = place * 100_000
    const pool = new LivePool(seated(leastUsed(seededRandom(3)), all))
    const counts = tally(500, () => pool.serve())
    expect(new Set(Object.values(counts))).toEqual(new Set([100]))
  })

  it('owes nothing to keys that were away or passed over', () => {
    const all = liveKeys(10)
    const [absent, refused] = all as [LiveKey, LiveKey]
    const strategy = seated(leastUsed(seededRandom(4)), all)
    const pool = new LivePool(strategy)
    strategy.remove(absent)
    tally(8_000, () => pool.serve({}, (each) => each !== refused))
    strategy.add(absent)
    const counts = tally(100, () => pool.serve())
    expect(new Set(Object.values(counts))).toEqual(new Set([10]))
  })

  it('gives a key that comes and goes no more than its share', () => {
    const all = liveKeys(5)
    const strategy = seated(leastUsed(seededRandom(5)), all)
    const pool = new LivePool(strategy)
    const [restless] = all as [LiveKey]
    const counts = tally(5_000, () => {
      strategy.remove(restless)
      strategy.add(restless)
      return pool.serve()
    })
    expect(counts['key-0']).toBeLessThanOrEqual(1_000)
  })
})
