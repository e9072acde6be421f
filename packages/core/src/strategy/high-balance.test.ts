import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { highBalance } from './high-balance.js'
import { lowBalance } from './low-balance.js'
import type { Strategy } from './strategy.js'
import { anyone, candidate, type LiveCandidate, plain, seated, tally } from './testing/candidate.js'

/** Everyone in the order in which they would serve. */
function ranking(strategy: Strategy, balances: readonly (number | null)[]): (number | null)[] {
  seated(
    strategy,
    balances.map((balance, order) => candidate(`key-${order}`, { order, balance })),
  )
  const ranked: (number | null)[] = []
  for (let next = strategy.pick(anyone, plain); next !== undefined; next = strategy.pick(anyone, plain)) {
    ranked.push(next.balance)
    strategy.remove(next)
  }
  return ranked
}

/** Serves while each request costs something, and gives what is left on each. */
function drained(strategy: Strategy, balances: readonly number[], requests: number): (number | null)[] {
  const all = balances.map((balance, order) => candidate(`key-${order}`, { order, balance }))
  seated(strategy, all)
  tally(requests, () => {
    const served = strategy.pick(anyone, plain) as LiveCandidate
    served.balance = (served.balance ?? 0) - 1
    if (served.balance === 0) strategy.remove(served)
    return served
  })
  return all.map(({ balance }) => balance)
}

describe('high-balance', () => {
  it('ranks known money by size, then what is not known, then what is empty', () => {
    expect(ranking(highBalance(seededRandom(1)), [0, 2, null, 14, -3, 0.01])).toEqual([
      14,
      2,
      0.01,
      null,
      0,
      -3,
    ])
  })

  it('spends from the richest until all have the same', () => {
    expect(drained(highBalance(seededRandom(2)), [50_000, 40_000, 10_000], 60_000)).toEqual([
      15_000, 15_000, 10_000,
    ])
  })
})

describe('low-balance', () => {
  it('ranks what is empty first, then known money by size, then what is not known', () => {
    expect(ranking(lowBalance(seededRandom(3)), [0, 2, null, 14, -3, 0.01])).toEqual([
      -3,
      0,
      0.01,
      2,
      14,
      null,
    ])
  })

  it('uses up the smallest remainder before it touches the next', () => {
    expect(drained(lowBalance(seededRandom(4)), [50_000, 40_000, 10_000], 60_000)).toEqual([40_000, 0, 0])
  })
})
