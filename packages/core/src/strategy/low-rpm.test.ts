import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { lowRpm } from './low-rpm.js'
import { lowTpm } from './low-tpm.js'
import { seated, tally } from './testing/candidate.js'
import { expectEven } from './testing/expect-even.js'

describe.each([
  { name: 'low-rpm', make: lowRpm },
  { name: 'low-tpm', make: lowTpm },
])('$name', ({ make }) => {
  const serve = (pool: LivePool): LiveKey | undefined => {
    pool.advance(100)
    return pool.serve()
  }

  it('serves all alike when nothing tells them apart', () => {
    const all = liveKeys(10)
    const pool = new LivePool(seated(make(seededRandom(1)), all))
    expectEven(
      tally(100_000, () => serve(pool)),
      all,
    )
  })

  it('spares a key as much as it is used by another way', () => {
    const all = liveKeys(4)
    const pool = new LivePool(seated(make(seededRandom(2)), all))
    // 600 requests a minute to choose for, and 100 that come to the first key anyway.
    const counts = tally(60_000, () => {
      const served = serve(pool)
      if (Math.floor(pool.now / 100) % 6 === 0) all[0]?.begin(pool.now)
      return served
    })
    expect((counts['key-0'] ?? 0) / 60_000).toBeCloseTo(75 / 600, 2)
    expect((counts['key-1'] ?? 0) / 60_000).toBeCloseTo(175 / 600, 2)
  })

  it('gives a key that comes back no burst, and its full share within minutes', () => {
    const all = liveKeys(10)
    const [absent] = all as [LiveKey]
    const strategy = seated(make(seededRandom(3)), all)
    const pool = new LivePool(strategy)
    strategy.remove(absent)
    tally(3_000, () => serve(pool))
    strategy.add(absent)
    for (let second = 0; second < 120; second++)
      expect(tally(10, () => serve(pool))['key-0'] ?? 0).toBeLessThanOrEqual(3)
    expect(tally(1_000, () => serve(pool))['key-0']).toBeGreaterThan(90)
  })

  it('gives a key that was passed over for long no burst', () => {
    const all = liveKeys(10)
    const [refused] = all as [LiveKey]
    const pool = new LivePool(seated(make(seededRandom(4)), all))
    tally(3_000, () => {
      pool.advance(100)
      return pool.serve({}, (each) => each !== refused)
    })
    for (let second = 0; second < 120; second++)
      expect(tally(10, () => serve(pool))['key-0'] ?? 0).toBeLessThanOrEqual(3)
  })

  it('lets a key that returns to an idle pool serve at once', () => {
    const all = liveKeys(3)
    const strategy = seated(make(seededRandom(5)), all)
    const pool = new LivePool(strategy)
    const [absent] = all as [LiveKey]
    strategy.remove(absent)
    tally(300, () => serve(pool))
    pool.advance(600_000)
    strategy.add(absent)
    expect(tally(30, () => serve(pool))['key-0']).toBeGreaterThanOrEqual(9)
  })
})

describe('low-tpm', () => {
  it('gives few requests to the key whose requests are large', () => {
    const all = liveKeys(4)
    const pool = new LivePool(seated(lowTpm(seededRandom(6)), all), {
      tokens: (key) => (key === all[0] ? 3_000 : 1_000),
    })
    const counts = tally(60_000, () => {
      pool.advance(100)
      return pool.serve()
    })
    expect((counts['key-0'] ?? 0) / 60_000).toBeCloseTo(0.1, 2)
  })
})
