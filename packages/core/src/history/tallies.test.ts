import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { noTokens } from '../usage/usage.js'
import { bucketOf } from './latency-sketch.js'
import { decodeTallies, encodeTallies, foldTallies, mergeTallies, otherName } from './tallies.js'
import { outcomeOrder, Tally } from './tally.js'

const entries = fc.array(
  fc.record({
    name: fc.oneof(fc.constantFrom('a', 'b', '', otherName), fc.string({ unit: 'grapheme', maxLength: 20 })),
    outcome: fc.constantFrom(...outcomeOrder),
    tokens: fc.nat(10_000_000),
    cost: fc.bigInt({ min: 0n, max: 10n ** 17n }),
    balance: fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
    currency: fc.constantFrom('CNY', 'USD'),
    durationMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
    at: fc.nat(1_000_000),
  }),
  { maxLength: 60 },
)

type Entries = typeof entries extends fc.Arbitrary<infer T> ? T : never

function talliesOf(list: Entries): Map<string, Tally> {
  const tallies = new Map<string, Tally>()
  for (const { name, outcome, tokens, cost, balance, currency, durationMs, at } of list) {
    const tally = tallies.get(name) ?? new Tally()
    tallies.set(name, tally)
    tally.addEnd(outcome, bucketOf(durationMs), bucketOf(durationMs / 2))
    tally.addUsage({ ...noTokens, promptTokens: tokens, totalTokens: tokens })
    tally.cost.addMoney(currency, cost)
    tally.balances.set(currency, balance, at)
  }
  return tallies
}

const shown = (tallies: ReadonlyMap<string, Tally>): unknown =>
  Array.from(tallies, ([name, tally]) => ({ name, ...figures(tally) })).sort((one, other) =>
    one.name < other.name ? -1 : 1,
  )

const figures = (tally: Tally) => ({
  outcomes: outcomeOrder.map((kind) => tally.outcome(kind)),
  tokens: tally.count('promptTokens'),
  cost: tally.cost.amounts().sort((one, other) => (one.currency < other.currency ? -1 : 1)),
  p95: tally.duration.percentile(0.95),
  first: tally.firstOutput.percentile(0.5),
})

const sumOf = (tallies: ReadonlyMap<string, Tally>): Tally => {
  const sum = new Tally()
  for (const tally of tallies.values()) sum.merge(tally)
  return sum
}

describe('tallies', () => {
  it('tallies come back from their bytes as they were, with any name and any amount', () => {
    assertProperty(
      fc.property(entries, (list) => {
        const tallies = talliesOf(list)
        const copy = decodeTallies(encodeTallies(tallies))
        expect(shown(copy)).toEqual(shown(tallies))
        for (const [name, tally] of tallies)
          expect(copy.get(name)?.balances.amounts()).toEqual(tally.balances.amounts())
      }),
    )
  })

  it('tallies of two processes add up to those of one that saw everything', () => {
    assertProperty(
      fc.property(entries, entries, (one, other) => {
        const sum = talliesOf(one)
        mergeTallies(sum, talliesOf(other))
        expect(shown(sum)).toEqual(shown(talliesOf([...one, ...other])))
      }),
    )
  })

  it('folding keeps every sum exact, whatever the limit', () => {
    assertProperty(
      fc.property(entries, fc.integer({ min: 1, max: 10 }), (list, limit) => {
        const tallies = talliesOf(list)
        const before = figures(sumOf(tallies))
        foldTallies(tallies, limit)
        expect(tallies.size).toBeLessThanOrEqual(limit + 1)
        expect(figures(sumOf(tallies))).toEqual(before)
      }),
    )
  })

  it('folding keeps the names with the most requests', () => {
    const tallies = talliesOf([])
    for (let n = 1; n <= 50; n++) {
      const tally = new Tally()
      for (let i = 0; i < n; i++) tally.addEnd('success', 1, -1)
      tallies.set(`name ${n}`, tally)
    }
    foldTallies(tallies, 4)
    expect([...tallies.keys()].sort()).toEqual(['name 47', 'name 48', 'name 49', 'name 50', otherName])
  })

  it('a name that comes late, when there is no room, gets some of it all the same', () => {
    const tallies = new Map<string, Tally>()
    const used = (requests: number): Tally => {
      const tally = new Tally()
      for (let i = 0; i < requests; i++) tally.addEnd('success', 1, -1)
      return tally
    }
    for (let n = 0; n < 8; n++) tallies.set(`old ${n}`, used(100 + n))
    for (let second = 0; second < 200; second++) {
      const fresh = new Map([['late', used(1)]])
      mergeTallies(tallies, fresh)
      foldTallies(tallies, 8, fresh)
    }
    expect(tallies.get('late')?.requests).toBe(200)
  })

  it('bytes that are cut off are refused', () => {
    const bytes = encodeTallies(
      talliesOf([
        {
          name: 'a',
          outcome: 'success',
          tokens: 1,
          cost: 1n,
          balance: 1n,
          currency: 'CNY',
          durationMs: 1,
          at: 1,
        },
      ]),
    )
    for (let length = 1; length < bytes.length; length++)
      expect(() => decodeTallies(bytes.subarray(0, length))).toThrow(RangeError)
  })
})
