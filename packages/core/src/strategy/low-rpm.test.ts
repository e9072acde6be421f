import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { lowRpm } from './low-rpm.js'
import { lowTpm } from './low-tpm.js'
import { countPicks, withCandidates } from './testing/candidate.js'
import { expectEven } from './testing/expect-even.js'

describe.each([
  ['low-rpm', lowRpm],
  ['low-tpm', lowTpm],
] as const)('%s', (_name, make) => {
  const serve = (pool: LivePool): LiveKey | undefined => {
    pool.advance(100)
    return pool.serve()
  }

  it('picks equal keys equally often', () => {
    const all = liveKeys(10)
    const pool = new LivePool(withCandidates(make(seededRandom(1)), all))
    expectEven(
      countPicks(100_000, () => serve(pool)),
      all,
    )
  })

  it('picks a key less as other rules use it more', () => {
    const all = liveKeys(4)
    const pool = new LivePool(withCandidates(make(seededRandom(2)), all))
    // The strategy picks for 600 requests a minute; 100 more go to the first key.
    const counts = countPicks(60_000, () => {
      const served = serve(pool)
      if (Math.floor(pool.now / 100) % 6 === 0) all[0]?.begin(pool.now)
      return served
    })
    expect((counts['key-0'] ?? 0) / 60_000).toBeCloseTo(75 / 600, 2)
    expect((counts['key-1'] ?? 0) / 60_000).toBeCloseTo(175 / 600, 2)
  })

  it('gives no burst to a key that returns, and its full share within minutes', () => {
    const all = liveKeys(10)
    const [absent] = all as [LiveKey]
    const strategy = withCandidates(make(seededRandom(3)), all)
    const pool = new LivePool(strategy)
    strategy.remove(absent)
    countPicks(3_000, () => serve(pool))
    strategy.add(absent)
    for (let second = 0; second < 120; second++)
      expect(countPicks(10, () => serve(pool))['key-0'] ?? 0).toBeLessThanOrEqual(3)
    expect(countPicks(1_000, () => serve(pool))['key-0']).toBeGreaterThan(90)
  })

  it('gives no burst to a key that was refused for long', () => {
    const all = liveKeys(10)
    const [refused] = all as [LiveKey]
    const pool = new LivePool(withCandidates(make(seededRandom(4)), all))
    countPicks(3_000, () => {
      pool.advance(100)
      return pool.serve({}, (each) => each !== refused)
    })
    for (let second = 0; second < 120; second++)
      expect(countPicks(10, () => serve(pool))['key-0'] ?? 0).toBeLessThanOrEqual(3)
  })

  it('picks a key at once that returns to an idle pool', () => {
    const all = liveKeys(3)
    const strategy = withCandidates(make(seededRandom(5)), all)
    const pool = new LivePool(strategy)
    const [absent] = all as [LiveKey]
    strategy.remove(absent)
    countPicks(300, () => serve(pool))
    pool.advance(600_000)
    strategy.add(absent)
    expect(countPicks(30, () => serve(pool))['key-0']).toBeGreaterThanOrEqual(9)
  })
})

describe('low-tpm', () => {
  it('gives few requests to a key whose requests are large', () => {
    const all = liveKeys(4)
    const pool = new LivePool(withCandidates(lowTpm(seededRandom(6)), all), {
      tokens: (key) => (key === all[0] ? 3_000 : 1_000),
    })
    const counts = countPicks(60_000, () => {
      pool.advance(100)
      return pool.serve()
    })
    expect((counts['key-0'] ?? 0) / 60_000).toBeCloseTo(0.1, 2)
  })
})
