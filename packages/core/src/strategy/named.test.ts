import { describe, expect, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { namedStrategy, type StrategySettings, strategyNames } from './named.js'
import { anyone, candidate, plain, seated } from './testing/candidate.js'

const make = (choice: StrategySettings) => namedStrategy(choice, seededRandom(1))

describe('a strategy by name', () => {
  it('is one of fourteen', () => {
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

  it('takes the weights of a score', () => {
    const rich = candidate('a', { balance: 14, successes: 1, failures: 1 })
    const reliable = candidate('b', { balance: 1, successes: 1 })
    const first = (choice: StrategySettings): string | undefined =>
      seated(make(choice), [rich, reliable]).pick(anyone, plain)?.id
    expect(first({ name: 'weighted-score' })).toBe('a')
    expect(first({ name: 'weighted-score', weights: { success: 1 } })).toBe('b')
  })

  it('takes how fast slowness is forgotten', () => {
    const [slow, other] = [candidate('a'), candidate('b')]
    const chosen = (decayMs: number): string | undefined => {
      const strategy = seated(make({ name: 'fastest', decayMs }), [slow, other])
      const sample = { model: '', session: null, kind: 'success' } as const
      strategy.ended?.(slow, { ...sample, firstOutputMs: 1_000, now: 0 })
      strategy.ended?.(slow, { ...sample, firstOutputMs: 100, now: 5_000 })
      strategy.ended?.(other, { ...sample, firstOutputMs: 400, now: 5_000 })
      return strategy.pick(anyone, { ...plain, now: 5_000 })?.id
    }
    expect(chosen(10_000)).toBe('b')
    expect(chosen(1_000)).toBe('a')
  })

  it('takes the bounds of sessions', () => {
    const strategy = make({ name: 'sticky', idleMs: 1, maxSessions: 5, maxLoad: 3 })
    seated(strategy, [candidate('a', { inFlight: 2 }), candidate('b', { inFlight: 0 })])
    expect(strategy.usesSession).toBe(true)
    const session = { ...plain, session: 'one' }
    expect(strategy.pick(({ id }) => id === 'a', session)?.id).toBe('a')
    // Three of two running in all, on two keys: within three times the average, and beyond 1.5 times.
    expect(strategy.pick(anyone, session)?.id).toBe('a')
  })
})
