import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { random } from './random.js'
import { acceptAll, candidates, countPicks, plain } from './testing/candidate.js'
import { expectEven } from './testing/expect-even.js'

const picks = 100_000

describe('random', () => {
  it('gives each key the same chance', () => {
    const strategy = random(seededRandom(11))
    const all = candidates(10)
    for (const each of all) strategy.add(each)
    expectEven(
      countPicks(picks, () => strategy.pick(acceptAll, plain)),
      all,
    )
  })

  it('gives each accepted key the same chance when most keys are refused', () => {
    const strategy = random(seededRandom(12))
    const all = candidates(200)
    for (const each of all) strategy.add(each)
    // Adjacent and single keys: a key behind a gap must not inherit the draws of the gap.
    const welcome = new Set([3, 4, 5, 90, 199])
    expectEven(
      countPicks(picks, () => strategy.pick(({ order }) => welcome.has(order), plain)),
      all.filter(({ order }) => welcome.has(order)),
    )
  })

  it('gives each key the same chance after keys were added and removed', () => {
    const strategy = random(seededRandom(13))
    const all = candidates(12)
    for (const each of all) strategy.add(each)
    for (const each of all.slice(2, 7)) strategy.remove(each)
    for (const each of all.slice(4, 6)) strategy.add(each)
    expectEven(
      countPicks(picks, () => strategy.pick(acceptAll, plain)),
      [...all.slice(0, 2), ...all.slice(4, 6), ...all.slice(7)],
    )
  })

  it('draws one random number when the first key is accepted', () => {
    let draws = 0
    const chance = seededRandom(14)
    const strategy = random(() => {
      draws++
      return chance()
    })
    for (const each of candidates(1_000)) strategy.add(each)
    strategy.pick(acceptAll, plain)
    expect(draws).toBe(1)
  })

  it('gives each key the same chance in a pool that prefetches, and predicts the next key', () => {
    const strategy = random(seededRandom(15))
    const all = candidates(5_000)
    for (const each of all) strategy.add(each)
    const counts = new Array<number>(10).fill(0)
    const accepts = ({ order }: { order: number }): boolean => order % 4 !== 3
    for (let count = 0; count < picks; count++) {
      const next = count % 100 === 0 ? strategy.peek?.(accepts, plain) : undefined
      const picked = strategy.pick(accepts, plain)
      if (next !== undefined) expect(picked).toBe(next)
      const part = Math.floor((picked?.order ?? 0) / 500)
      counts[part] = (counts[part] ?? 0) + 1
    }
    for (const each of counts) expect(Math.abs(each - picks / 10)).toBeLessThan(picks / 200)
  })
})
