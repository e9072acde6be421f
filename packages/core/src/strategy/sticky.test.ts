import { describe, expect, it } from 'vitest'
import type { OutcomeKind } from '../outcome/outcome.js'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { type StickyOptions, sticky } from './sticky.js'
import type { Candidate, Strategy } from './strategy.js'
import { acceptAll, candidate, candidates, countPicks, plain, withCandidates } from './testing/candidate.js'
import { expectEven } from './testing/expect-even.js'

const fresh = (options?: StickyOptions): Strategy => sticky(seededRandom(31), options)

/** Sends the requests of one session and ends them. */
function conversation(strategy: Strategy, session = 'one') {
  return {
    ask: (accepts: (candidate: Candidate) => boolean = acceptAll, now = 0): Candidate | undefined =>
      strategy.pick(accepts, { ...plain, session, now }),
    end: (one: Candidate | undefined, kind: OutcomeKind = 'success', now = 0): void => {
      if (one !== undefined) strategy.ended?.(one, { model: '', session, kind, firstOutputMs: null, now })
    },
  }
}

const except =
  (...refused: (Candidate | undefined)[]) =>
  (one: Candidate): boolean =>
    !refused.includes(one)

/** Draws sessions by Zipf: the second is used half as often as the first, the third a third as often. */
function zipf(count: number, chance: () => number): () => string {
  const cumulative: number[] = []
  for (let rank = 1; rank <= count; rank++) cumulative.push((cumulative.at(-1) ?? 0) + 1 / rank)
  return () => {
    const drawn = chance() * (cumulative.at(-1) ?? 0)
    return `session-${cumulative.findIndex((limit) => drawn < limit)}`
  }
}

describe('sticky', () => {
  it('keeps a session on its key', () => {
    const { ask, end } = conversation(withCandidates(fresh(), candidates(50)))
    const key = ask()
    end(key)
    for (let times = 0; times < 100; times++) expect(ask()).toBe(key)
  })

  it('spreads new sessions and requests without session evenly', () => {
    const all = candidates(20)
    const strategy = withCandidates(fresh(), all)
    let number = 0
    const places = countPicks(100_000, () => strategy.pick(acceptAll, { ...plain, session: `s${number++}` }))
    expectEven(places, all)
    expectEven(
      countPicks(100_000, () => strategy.pick(acceptAll, plain)),
      all,
    )
  })

  it('puts a new session on the less loaded of two keys', () => {
    const strategy = withCandidates(fresh(), [
      candidate('a', { inFlight: 3 }),
      candidate('b', { inFlight: 2 }),
    ])
    expect(conversation(strategy).ask()?.id).toBe('b')
  })

  it('moves a session to a fallback after its success, and not back', () => {
    const { ask, end } = conversation(withCandidates(fresh(), candidates(10)))
    const key = ask()
    const failing = ask(except(key))
    expect(failing).not.toBe(key)
    end(failing, 'upstream-error')
    expect(ask()).toBe(key)
    const fallback = ask(except(key))
    expect(ask()).toBe(key)
    end(fallback)
    expect(ask()).toBe(fallback)
    // A late success of the former key.
    end(key)
    expect(ask()).toBe(fallback)
  })

  it('stays with a fallback while the bound key is away', () => {
    const strategy = withCandidates(fresh(), candidates(10))
    const { ask } = conversation(strategy)
    const key = ask() as Candidate
    strategy.remove(key)
    const fallback = ask()
    for (let times = 0; times < 20; times++) expect(ask()).toBe(fallback)
    strategy.add(key)
    expect(ask()).toBe(key)
  })

  it('sends a session to other keys while its key is overloaded', () => {
    const all = liveKeys(10)
    const pool = new LivePool(withCandidates(fresh(), all), { lastsMs: () => 1_000 })
    for (let number = 0; number < 20; number++) pool.serve({ session: 'busy' })
    // With twenty attempts on ten keys, each key may have three.
    expect(Math.max(...all.map(({ inFlight }) => inFlight))).toBe(3)
    pool.advance(1_000)
    const key = pool.serve({ session: 'busy' })
    pool.advance(1_000)
    expect(pool.serve({ session: 'busy' })).toBe(key)
  })

  it('keeps the highest load within 1.5 times the average for any sessions', () => {
    const all = liveKeys(20)
    const pool = new LivePool(withCandidates(fresh(), all), { lastsMs: () => 2_000 })
    const session = zipf(1_000, seededRandom(32))
    let above = 0
    for (let picks = 0; picks < 100_000; picks++) {
      pool.advance(10)
      pool.serve({ session: session() })
      const highest = Math.max(...all.map(({ inFlight }) => inFlight))
      if (highest > Math.ceil((1.5 * pool.runningCount) / all.length)) above++
    }
    expect(above).toBe(0)
    expect(pool.runningCount).toBe(200)
  })

  it('keeps the load limit while keys with attempts running are removed and added', () => {
    const all = liveKeys(20)
    const strategy = withCandidates(fresh(), all)
    const pool = new LivePool(strategy, { lastsMs: ({ order }) => 1_000 + 100 * order })
    const [chance, session] = [seededRandom(33), zipf(200, seededRandom(34))]
    const there = new Set<LiveKey>(all)
    let wrong = 0
    for (let picks = 0; picks < 100_000; picks++) {
      pool.advance(20)
      const one = all[Math.floor(chance() * all.length)] as LiveKey
      if (picks % 50 === 0) {
        if (there.delete(one)) strategy.remove(one)
        else {
          there.add(one)
          strategy.add(one)
        }
      }
      const running = [...there].reduce((sum, { inFlight }) => sum + inFlight, 0)
      const served = pool.serve({ session: session() })
      const most = there.size === 0 ? 0 : Math.ceil((1.5 * (running + 1)) / there.size)
      if (served === undefined ? there.size > 0 : served.inFlight > most) wrong++
    }
    expect(wrong).toBe(0)
  })

  it.each([
    { sessions: 500, running: 4 },
    { sessions: 20_000, running: 3_000 },
  ])(
    'keeps 95 % of requests on the key of their session: $running of $sessions sessions on 100 keys',
    ({ sessions, running }) => {
      const pool = new LivePool(withCandidates(fresh(), liveKeys(100)), { lastsMs: () => 3_000 })
      const chance = seededRandom(35)
      const before = new Map<string, LiveKey | undefined>()
      let [hits, returns] = [0, 0]
      for (let picks = 0; picks < 100_000; picks++) {
        pool.advance(3_000 / running)
        const session = `s${Math.floor(chance() * sessions)}`
        const served = pool.serve({ session })
        if (before.has(session)) returns++
        if (before.has(session) && before.get(session) === served) hits++
        before.set(session, served)
      }
      expect(hits / returns).toBeGreaterThanOrEqual(0.95)
    },
  )

  it('forgets a session that was idle for too long', () => {
    const strategy = withCandidates(fresh({ idleMs: 1_000 }), candidates(1_000))
    const { ask, end } = conversation(strategy)
    const key = ask()
    end(key)
    expect(ask(acceptAll, 1_000)).toBe(key)
    expect(ask(acceptAll, 2_000)).toBe(key)
    expect(ask(acceptAll, 3_001)).not.toBe(key)
  })

  it('remembers only the sessions used last', () => {
    const strategy = withCandidates(fresh({ maxSessions: 2 }), candidates(1_000))
    const [one, other, third] = ['one', 'other', 'third'].map((name) => conversation(strategy, name))
    const key = one?.ask()
    const neighbour = other?.ask()
    expect(one?.ask()).toBe(key)
    third?.ask()
    expect(one?.ask()).toBe(key)
    expect(other?.ask()).not.toBe(neighbour)
  })

  it('picks an overloaded key when no other is accepted', () => {
    const overloaded = candidate('a', { inFlight: 90 })
    const strategy = withCandidates(fresh(), [overloaded, candidate('b'), candidate('c')])
    const only = (one: Candidate): boolean => one === overloaded
    expect(conversation(strategy).ask(only)).toBe(overloaded)
    expect(conversation(strategy).ask(only)).toBe(overloaded)
  })
})
