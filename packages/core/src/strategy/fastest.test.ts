import { describe, expect, it } from 'vitest'
import type { OutcomeKind } from '../outcome/outcome.js'
import { seededRandom } from '../testing/fake-runtime.js'
import { LivePool, liveKeys } from '../testing/live-pool.js'
import { fastest } from './fastest.js'
import type { Candidate, Strategy } from './strategy.js'
import { acceptAll, candidate, candidates, countPicks, plain, withCandidates } from './testing/candidate.js'
import { expectEven } from './testing/expect-even.js'

const model = 'example/model'

function ended(
  strategy: Strategy,
  one: Candidate,
  { kind = 'success', ms = null, now = 0 }: { kind?: OutcomeKind; ms?: number | null; now?: number },
): void {
  strategy.ended?.(one, { model, session: null, kind, firstOutputMs: ms, now })
}

/** The id picked of two keys at that time; with two keys the choice is not random. */
const chosen = (strategy: Strategy, now = 0): string | undefined =>
  strategy.pick(acceptAll, { ...plain, model, now })?.id

describe('fastest', () => {
  it('picks all keys equally often before any measurement', () => {
    const all = candidates(10)
    const strategy = withCandidates(fastest(seededRandom(1)), all)
    expectEven(
      countPicks(100_000, () => strategy.pick(acceptAll, plain)),
      all,
    )
  })

  it('picks fast keys mostly and slow keys sometimes', () => {
    const all = liveKeys(10)
    const chance = seededRandom(2)
    const pool = new LivePool(withCandidates(fastest(seededRandom(3)), all), {
      lastsMs: () => 1_000,
      outcome: ({ order }) => ({
        kind: 'success',
        firstOutputMs: (order < 5 ? 200 : 1_000) * (0.8 + 0.4 * chance()),
      }),
    })
    const counts = countPicks(100_000, () => {
      pool.advance(100)
      return pool.serve({ model })
    })
    const slow = all.slice(5).reduce((sum, { id }) => sum + (counts[id] ?? 0), 0)
    expect(slow / 100_000).toBeLessThan(0.3)
    for (const { id } of all) expect(counts[id]).toBeGreaterThan(100)
  })

  it('multiplies the latency by the attempts running', () => {
    const [fast, slow] = [candidate('a', { inFlight: 4 }), candidate('b')] as const
    const strategy = withCandidates(fastest(seededRandom(4)), [fast, slow])
    ended(strategy, fast, { ms: 100 })
    ended(strategy, slow, { ms: 400 })
    expect(chosen(strategy)).toBe('b')
    fast.inFlight = 2
    expect(chosen(strategy)).toBe('a')
  })

  it('applies a slower sample at once and a faster one gradually', () => {
    const [one, other] = candidates(2) as [Candidate, Candidate]
    const strategy = withCandidates(fastest(seededRandom(5), { decayMs: 10_000 }), [one, other])
    ended(strategy, other, { ms: 500 })
    ended(strategy, one, { ms: 100 })
    expect(chosen(strategy)).toBe('key-0')
    ended(strategy, one, { ms: 1_000 })
    expect(chosen(strategy)).toBe('key-1')
    // Half of the slow sample has decayed: 100 + 900 x e^(-6931/10000) = 550, against 500.
    ended(strategy, one, { ms: 100, now: 6_931 })
    ended(strategy, other, { ms: 500, now: 6_931 })
    expect(chosen(strategy, 6_931)).toBe('key-1')
    // 100 + 450 x e^(-6931/10000) = 325.
    ended(strategy, one, { ms: 100, now: 13_862 })
    ended(strategy, other, { ms: 500, now: 13_862 })
    expect(chosen(strategy, 13_862)).toBe('key-0')
  })

  it('tries an unmeasured key at once, and only once until it is measured', () => {
    const [known, untried] = [candidate('a'), candidate('b')] as const
    const strategy = withCandidates(fastest(seededRandom(6)), [known, untried])
    ended(strategy, known, { ms: 300 })
    expect(chosen(strategy)).toBe('b')
    untried.inFlight = 1
    expect(chosen(strategy)).toBe('a')
  })

  it('measures each model separately', () => {
    const [one, other] = candidates(2) as [Candidate, Candidate]
    const strategy = withCandidates(fastest(seededRandom(7)), [one, other])
    ended(strategy, one, { ms: 100 })
    ended(strategy, other, { ms: 900 })
    strategy.ended?.(one, { model: 'other', session: null, kind: 'success', firstOutputMs: 900, now: 0 })
    strategy.ended?.(other, { model: 'other', session: null, kind: 'success', firstOutputMs: 100, now: 0 })
    expect(chosen(strategy)).toBe('key-0')
    expect(strategy.pick(acceptAll, { ...plain, model: 'other' })).toBe(other)
  })

  it.each(['upstream-error', 'network-error', 'timeout', 'truncated'] as const)(
    'counts %s as a slow answer and tries the key again within minutes',
    (kind) => {
      const [failing, other] = candidates(2) as [Candidate, Candidate]
      const strategy = withCandidates(fastest(seededRandom(8)), [failing, other])
      ended(strategy, failing, { ms: 200 })
      ended(strategy, other, { ms: 400 })
      for (let times = 0; times < 10; times++) ended(strategy, failing, { kind })
      expect(chosen(strategy)).toBe('key-1')
      const retriedAt = Array.from({ length: 600 }, (_, second) => second * 1_000).find((now) => {
        ended(strategy, other, { ms: 400, now })
        return chosen(strategy, now) === 'key-0'
      })
      expect(retriedAt).toBeGreaterThan(60_000)
      expect(retriedAt).toBeLessThan(300_000)
    },
  )

  it.each(['rejected', 'rate-limited', 'unauthorized', 'aborted'] as const)(
    'ignores %s without output',
    (kind) => {
      const [one, other] = candidates(2) as [Candidate, Candidate]
      const strategy = withCandidates(fastest(seededRandom(9)), [one, other])
      ended(strategy, one, { ms: 200 })
      ended(strategy, other, { ms: 400 })
      ended(strategy, one, { kind })
      expect(chosen(strategy)).toBe('key-0')
    },
  )

  it('remembers only the models measured last', () => {
    const [one, other] = candidates(2) as [Candidate, Candidate]
    const strategy = withCandidates(fastest(seededRandom(10)), [one, other])
    ended(strategy, one, { ms: 900 })
    ended(strategy, other, { ms: 300 })
    for (let number = 0; number < 31; number++)
      strategy.ended?.(one, { model: `m${number}`, session: null, kind: 'success', firstOutputMs: 9, now: 1 })
    expect(chosen(strategy)).toBe('key-1')
    strategy.ended?.(one, { model: 'm31', session: null, kind: 'success', firstOutputMs: 9, now: 1 })
    // The model was forgotten, so the key is tried again.
    expect(chosen(strategy)).toBe('key-0')
  })
})
