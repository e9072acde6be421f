import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { namedStrategy, type StrategySettings, strategyNames } from './named.js'
import { acceptAll, candidate, plain, withCandidates } from './testing/candidate.js'

const make = (choice: StrategySettings) => namedStrategy(choice, seededRandom(1))

describe('namedStrategy', () => {
  it('knows fourteen names', () => {
    expect(strategyNames).toEqual([
      'round-robin',
      'random',
      'weighted',
      'sequential',
      'least-in-flight',
      'least-used',
      'low-rpm',
      'low-tpm',
      'high-balance',
      'low-balance',
      'high-success-rate',
      'weighted-score',
      'fastest',
      'sticky',
    ])
  })

  it('applies the weights of weighted-score', () => {
    const rich = candidate('a', { balance: 14, successes: 1, failures: 1 })
    const reliable = candidate('b', { balance: 1, successes: 1 })
    const first = (choice: StrategySettings): string | undefined =>
      withCandidates(make(choice), [rich, reliable]).pick(acceptAll, plain)?.id
    expect(first({ name: 'weighted-score' })).toBe('a')
    expect(first({ name: 'weighted-score', weights: { success: 1 } })).toBe('b')
  })

  it('applies decayMs of fastest', () => {
    const [slow, other] = [candidate('a'), candidate('b')]
    const chosen = (decayMs: number): string | undefined => {
      const strategy = withCandidates(make({ name: 'fastest', decayMs }), [slow, other])
      const sample = { model: '', session: null, kind: 'success' } as const
      strategy.ended?.(slow, { ...sample, firstOutputMs: 1_000, now: 0 })
      strategy.ended?.(slow, { ...sample, firstOutputMs: 100, now: 5_000 })
      strategy.ended?.(other, { ...sample, firstOutputMs: 400, now: 5_000 })
      return strategy.pick(acceptAll, { ...plain, now: 5_000 })?.id
    }
    expect(chosen(10_000)).toBe('b')
    expect(chosen(1_000)).toBe('a')
  })

  it('applies maxLoad of sticky', () => {
    const strategy = make({ name: 'sticky', idleMs: 1, maxSessions: 5, maxLoad: 3 })
    withCandidates(strategy, [candidate('a', { inFlight: 2 }), candidate('b', { inFlight: 0 })])
    expect(strategy.usesSession).toBe(true)
    const session = { ...plain, session: 'one' }
    expect(strategy.pick(({ id }) => id === 'a', session)?.id).toBe('a')
    // Three attempts on one of two keys: within 3 times the average, above 1.5 times.
    expect(strategy.pick(acceptAll, session)?.id).toBe('a')
  })
})
