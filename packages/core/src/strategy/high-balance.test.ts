import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { highBalance } from './high-balance.js'
import { lowBalance } from './low-balance.js'
import type { Strategy } from './strategy.js'
import {
  acceptAll,
  candidate,
  countPicks,
  type LiveCandidate,
  plain,
  withCandidates,
} from './testing/candidate.js'

/** The balances in the order in which the keys are picked. */
function ranking(strategy: Strategy, balances: readonly (number | null)[]): (number | null)[] {
  withCandidates(
    strategy,
    balances.map((balance, order) => candidate(`key-${order}`, { order, balance })),
  )
  const ranked: (number | null)[] = []
  for (
    let next = strategy.pick(acceptAll, plain);
    next !== undefined;
    next = strategy.pick(acceptAll, plain)
  ) {
    ranked.push(next.balance)
    strategy.remove(next)
  }
  return ranked
}

/** Picks while each request costs 1, and returns the balances left. */
function drained(strategy: Strategy, balances: readonly number[], requests: number): (number | null)[] {
  const all = balances.map((balance, order) => candidate(`key-${order}`, { order, balance }))
  withCandidates(strategy, all)
  countPicks(requests, () => {
    const served = strategy.pick(acceptAll, plain) as LiveCandidate
    served.balance = (served.balance ?? 0) - 1
    if (served.balance === 0) strategy.remove(served)
    return served
  })
  return all.map(({ balance }) => balance)
}

describe('high-balance', () => {
  it('ranks positive balances from high to low, then unknown, then empty ones', () => {
    expect(ranking(highBalance(seededRandom(1)), [0, 2, null, 14, -3, 0.01])).toEqual([
      14,
      2,
      0.01,
      null,
      0,
      -3,
    ])
  })

  it('spends from the highest balance until the balances are equal', () => {
    expect(drained(highBalance(seededRandom(2)), [50_000, 40_000, 10_000], 60_000)).toEqual([
      15_000, 15_000, 10_000,
    ])
  })
})

describe('low-balance', () => {
  it('ranks empty balances first, then positive ones from low to high, then unknown ones', () => {
    expect(ranking(lowBalance(seededRandom(3)), [0, 2, null, 14, -3, 0.01])).toEqual([
      -3,
      0,
      0.01,
      2,
      14,
      null,
    ])
  })

  it('uses up the lowest balance before the next', () => {
    expect(drained(lowBalance(seededRandom(4)), [50_000, 40_000, 10_000], 60_000)).toEqual([40_000, 0, 0])
  })
})
