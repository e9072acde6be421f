import { describe, expect, it } from 'vitest'
import type { OutcomeKind } from '../outcome/outcome.js'
import { seededRandom } from '../testing/fake-runtime.js'
import { type LiveKey, LivePool, liveKeys } from '../testing/live-pool.js'
import { type StickyOptions, sticky } from './sticky.js'
import type { Candidate, Strategy } from './strategy.js'
import { anyone, candidate, candidates, plain, seated, tally } from './testing/candidate.js'
import { expectEven } from './testing/expect-even.js'

const fresh = (options?: StickyOptions): Strategy => sticky(seededRandom(31), options)

/** One session's requests, and how they ended. */
function conversation(strategy: Strategy, session = 'one') {
  return {
    ask: (accepts: (candidate: Candidate) => boolean = anyone, now = 0): Candidate | undefined =>
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

/** Sessions of which the first is used most, the second half as often, the third a third as often. */
function zipf(count: number, chance: () => number): () => string {
  const bounds: number[] = []
  for (let rank = 1; rank <= count; rank++) bounds.push((bounds.at(-1) ?? 0) + 1 / rank)
  return () => {
    const drawn = chance() * (bounds.at(-1) ?? 0)
    return `session-${bounds.findIndex((bound) => drawn < bound)}`
  }
}

describe('sticky', () => {
  it('keeps a session on its key', () => {
    const { ask, end } = conversation(seated(fresh(), candidates(50)))
    const home = ask()
    end(home)
    for (let times = 0; times < 100; times++) expect(ask()).toBe(home)
  })

  it('spreads new sessions evenly, and requests of none', () => {
    const all = candidates(20)
    const strategy = seated(fresh(), all)
    let number = 0
    const places = tally(100_000, () => strategy.pick(anyone, { ...plain, session: `s${number++}` }))
    expectEven(places, all)
    expectEven(
      tally(100_000, () => strategy.pick(anyone, plain)),
      all,
    )
  })

  it('puts a new session on the less loaded of two', () => {
    const strategy = seated(fresh(), [candidate('a', { inFlight: 3 }), candidate('b', { inFlight: 2 })])
    expect(conversation(strategy).ask()?.id).toBe('b')
  })

  it('moves a session only after a substitute has served it well, and not back', () => {
    const { ask, end } = conversation(seated(fresh(), candidates(10)))
    const home = ask()
    const failing = ask(except(home))
    expect(failing).not.toBe(home)
    end(failing, 'upstream-error')
    expect(ask()).toBe(home)
    const substitute = ask(except(home))
    expect(ask()).toBe(home)
    end(substitute)
    expect(ask()).toBe(substitute)
    // The old home's own request ends well, late.
    end(home)
    expect(ask()).toBe(substitute)
  })

  it('stays with a substitute that is still being tried while its home is away', () => {
    const strategy = seated(fresh(), candidates(10))
    const { ask } = conversation(strategy)
    const home = ask() as Candidate
    strategy.remove(home)
    const substitute = ask()
    for (let times = 0; times < 20; times++) expect(ask()).toBe(substitute)
    strategy.add(home)
    expect(ask()).toBe(home)
  })

  it('sends a session elsewhere as long as its key carries more than its share', () => {
    const all = liveKeys(10)
    const pool = new LivePool(seated(fresh(), all), { lastsMs: () => 1_000 })
    for (let number = 0; number < 20; number++) pool.serve({ session: 'busy' })
    // With twenty running on ten keys, a key may carry three.
    expect(Math.max(...all.map(({ inFlight }) => inFlight))).toBe(3)
    pool.advance(1_000)
    const home = pool.serve({ session: 'busy' })
    pool.advance(1_000)
    expect(pool.serve({ session: 'busy' })).toBe(home)
  })

  it('keeps the highest load within 1.5 of the average, whatever the sessions', () => {
    const all = liveKeys(20)
    const pool = new LivePool(seated(fresh(), all), { lastsMs: () => 2_000 })
    const session = zipf(1_000, seededRandom(32))
    for (let picks = 0; picks < 100_000; picks++) {
      pool.advance(10)
      pool.serve({ session: session() })
      const highest = Math.max(...all.map(({ inFlight }) => inFlight))
      expect(highest).toBeLessThanOrEqual(Math.ceil((1.5 * pool.runningCount) / all.length))
    }
    expect(pool.runningCount).toBe(200)
  })

  it('keeps the bound while keys leave and come back with attempts running', () => {
    const all = liveKeys(20)
    const strategy = seated(fresh(), all)
    const pool = new LivePool(strategy, { lastsMs: ({ order }) => 1_000 + 100 * order })
    const [chance, session] = [seededRandom(33), zipf(200, seededRandom(34))]
    const there = new Set<LiveKey>(all)
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
      if (served === undefined) expect(there.size).toBe(0)
      else expect(served.inFlight).toBeLessThanOrEqual(Math.ceil((1.5 * (running + 1)) / there.size))
    }
  })

  it.each([
    { sessions: 500, running: 4 },
    { sessions: 20_000, running: 3_000 },
  ])(
    'serves 95 % of requests where the session was served before: $running of $sessions sessions on 100 keys',
    ({ sessions, running }) => {
      const pool = new LivePool(seated(fresh(), liveKeys(100)), { lastsMs: () => 3_000 })
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
    const strategy = seated(fresh({ idleMs: 1_000 }), candidates(1_000))
    const { ask, end } = conversation(strategy)
    const home = ask()
    end(home)
    expect(ask(anyone, 1_000)).toBe(home)
    expect(ask(anyone, 2_000)).toBe(home)
    expect(ask(anyone, 3_001)).not.toBe(home)
  })

  it('remembers a bounded number of sessions, those used last', () => {
    const strategy = seated(fresh({ maxSessions: 2 }), candidates(1_000))
    const [one, other, third] = ['one', 'other', 'third'].map((name) => conversation(strategy, name))
    const home = one?.ask()
    const neighbour = other?.ask()
    expect(one?.ask()).toBe(home)
    third?.ask()
    expect(one?.ask()).toBe(home)
    expect(other?.ask()).not.toBe(neighbour)
  })

  it('takes a crowded key when no other is accepted', () => {
    const crowded = candidate('a', { inFlight: 90 })
    const strategy = seated(fresh(), [crowded, candidate('b'), candidate('c')])
    const only = (one: Candidate): boolean => one === crowded
    expect(conversation(strategy).ask(only)).toBe(crowded)
    expect(conversation(strategy).ask(only)).toBe(crowded)
  })
})
