import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { leastUsed } from './least-used.js'
import { countPicks, withCandidates } from './testing/candidate.js'

describe('least-used', () => {
  it('compensates for requests that other rules sent to a key', () => {
    const all = liveKeys(4)
    const pool = new LivePool(withCandidates(leastUsed(seededRandom(1)), all))
    for (let done = 0; done < 90_000; done++) {
      pool.serve()
      if (done % 9 === 0) all[0]?.begin(pool.now)
    }
    expect(all.map(({ requests }) => requests)).toEqual([25_000, 25_000, 25_000, 25_000])
  })

  it('gives a new key no more than its share among keys with a million requests', () => {
    const all = liveKeys(9, { requests: 1_000_000 })
    const strategy = withCandidates(leastUsed(seededRandom(2)), all)
    const pool = new LivePool(strategy)
    countPicks(9_000, () => pool.serve())
    const newcomer = liveKeys(10)[9] as LiveKey
    strategy.add(newcomer)
    const counts = countPicks(1_000, () => pool.serve())
    expect(counts['key-9']).toBe(100)
  })

  it('starts evenly with keys that were used unevenly before', () => {
    const all = liveKeys(5)
    for (const [place, key] of all.entries()) key.requests = place * 100_000
    const pool = new LivePool(withCandidates(leastUsed(seededRandom(3)), all))
    const counts = countPicks(500, () => pool.serve())
    expect(new Set(Object.values(counts))).toEqual(new Set([100]))
  })

  it('gives no burst to keys that were away or refused', () => {
    const all = liveKeys(10)
    const [absent, refused] = all as [LiveKey, LiveKey]
    const strategy = withCandidates(leastUsed(seededRandom(4)), all)
    const pool = new LivePool(strategy)
    strategy.remove(absent)
    countPicks(8_000, () => pool.serve({}, (each) => each !== refused))
    strategy.add(absent)
    const counts = countPicks(100, () => pool.serve())
    expect(new Set(Object.values(counts))).toEqual(new Set([10]))
  })

  it('gives no more than its share to a key that is removed and added repeatedly', () => {
    const all = liveKeys(5)
    const strategy = withCandidates(leastUsed(seededRandom(5)), all)
    const pool = new LivePool(strategy)
    const [restless] = all as [LiveKey]
    const counts = countPicks(5_000, () => {
      strategy.remove(restless)
      strategy.add(restless)
      return pool.serve()
    })
    expect(counts['key-0']).toBeLessThanOrEqual(1_000)
  })
})
