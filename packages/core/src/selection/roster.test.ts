import { describe, expect, it } from 'vitest'
import type { Key } from '../key/key.js'
import { makeKey } from '../key/testing/make-key.js'
import { roundRobin } from '../strategy/round-robin.js'
import type { Candidate, PickRequest, Strategy } from '../strategy/strategy.js'
import { Roster } from './roster.js'

const request: PickRequest = { model: 'm', now: 0, session: null }
const any = (): boolean => true
const ended = { model: 'm', session: null, kind: 'success', firstOutputMs: null, now: 0 } as const

/** Makes a round robin with parts of it replaced. */
function own(changes: Partial<Strategy>): Strategy {
  const inner = roundRobin()
  return {
    add: (candidate) => inner.add(candidate),
    remove: (candidate) => inner.remove(candidate),
    pick: (accepts, asked) => inner.pick(accepts, asked),
    ...changes,
  }
}

function reported(strategy: Strategy) {
  const faults: { what: string; cause: unknown }[] = []
  const roster = new Roster(strategy, (what, cause) => void faults.push({ what, cause }))
  const keys = ['a', 'b', 'c'].map((name) => makeKey(name))
  const addAll = (): void => {
    for (const key of keys) roster.set(key, true)
  }
  return { roster, faults, keys: keys as [Key, Key, Key], addAll }
}

const broken = new Error('broken')
const throws = (): never => {
  throw broken
}

describe('a user’s own strategy', () => {
  it('a user’s own strategy that keeps its contract decides alone', () => {
    const { roster, faults, keys, addAll } = reported(own({ pick: (accepts) => keys.find(accepts) }))
    addAll()
    expect([1, 2, 3].map(() => roster.pick(any, request))).toEqual([keys[0], keys[0], keys[0]])
    expect(roster.pick((key) => key !== keys[0], request)).toBe(keys[1])
    expect(roster.pick(() => false, request)).toBeUndefined()
    expect(faults).toEqual([])
  })

  it('a user’s own strategy gets each change of members once, however often it is set', () => {
    const changes: string[] = []
    const { roster, keys } = reported(
      own({
        add: ({ label }) => void changes.push(`+${label}`),
        remove: ({ label }) => void changes.push(`-${label}`),
      }),
    )
    roster.set(keys[0], false)
    for (const isMember of [true, true, false, false, true]) roster.set(keys[0], isMember)
    expect(changes).toEqual(['+a', '-a', '+a'])
    expect(roster.size).toBe(1)
  })

  it('a user’s own strategy is not asked while it has no members', () => {
    const { roster, faults } = reported(own({ pick: throws }))
    expect(roster.pick(any, request)).toBeUndefined()
    expect(faults).toEqual([])
  })

  it.each<[string, Partial<Strategy>, string, unknown]>([
    ['throws in pick', { pick: throws }, 'threw', broken],
    ['throws in add', { add: throws, pick: () => undefined }, 'threw', broken],
    ['picks a key that is no member', { pick: () => makeKey('other') }, 'picked "key_', undefined],
    [
      'picks a copy',
      { pick: () => ({ ...makeKey('a') }) as unknown as Candidate },
      'picked "key_',
      undefined,
    ],
    [
      'picks what is no key at all',
      { pick: () => 'key' as unknown as Candidate },
      'picked string',
      undefined,
    ],
    ['picks null', { pick: () => null as unknown as Candidate }, 'picked object', undefined],
    [
      'picks a promise',
      { pick: () => Promise.resolve(makeKey('a')) as unknown as Candidate },
      'picked object',
      undefined,
    ],
  ])(
    'a user’s own strategy that %s costs no request, and is reported once',
    (_name, changes, what, cause) => {
      const { roster, faults, keys, addAll } = reported(own(changes))
      addAll()
      const picks = [1, 2, 3, 4, 5, 6].map(() => roster.pick(any, request))
      for (const key of keys) expect(picks.filter((each) => each === key)).toHaveLength(2)
      expect(faults).toEqual([{ what: expect.stringContaining(what), cause }])
    },
  )

  it('a user’s own strategy that picks a key that was not accepted is passed over, as long as it does so', () => {
    const { roster, faults, keys, addAll } = reported(own({ pick: () => keys[0] }))
    addAll()
    const notFirst = (key: Candidate): boolean => key !== keys[0]
    expect([1, 2].map(() => roster.pick(notFirst, request))).toEqual([keys[1], keys[2]])
    expect(roster.pick(any, request)).toBe(keys[0])
    expect(roster.pick(() => false, request)).toBeUndefined()
    expect(faults).toEqual([
      {
        what: `picked "${keys[0].id}", which is no key that it was given and told to be accepted`,
        cause: undefined,
      },
    ])
  })

  it('a user’s own strategy that picks a key that has left is passed over', () => {
    const { roster, faults, keys, addAll } = reported(own({ pick: () => keys[0] }))
    addAll()
    roster.set(keys[0], false)
    expect([keys[1], keys[2]]).toContain(roster.pick(any, request))
    expect(faults).toHaveLength(1)
  })

  it('a user’s own strategy that fails now and then serves in between, and its fallback knows the members', () => {
    let isBroken = true
    const { roster, faults, keys, addAll } = reported(
      own({ pick: (accepts) => (isBroken ? throws() : keys.find(accepts)) }),
    )
    addAll()
    roster.pick(any, request)
    isBroken = false
    expect(roster.pick(any, request)).toBe(keys[0])
    roster.set(keys[1], false)
    const fresh = makeKey('fresh')
    roster.set(fresh, true)
    isBroken = true
    const picks = new Set([1, 2, 3].map(() => roster.pick(any, request)))
    expect(picks).toEqual(new Set([keys[0], keys[2], fresh]))
    expect(faults).toHaveLength(1)
  })

  it('a user’s own strategy that throws when a key leaves or a call ends still serves', () => {
    const { roster, faults, keys, addAll } = reported(own({ remove: throws, ended: throws }))
    addAll()
    roster.set(keys[0], false)
    roster.ended(keys[1], ended)
    expect(roster.wantsEnds).toBe(true)
    expect([keys[1], keys[2]]).toContain(roster.pick((key) => key !== keys[0], request))
    expect(faults).toEqual([{ what: 'threw', cause: broken }])
  })

  it('a user’s own strategy cannot be foreseen without peek, nor when peek throws or names no member', () => {
    for (const peek of [undefined, throws, () => makeKey('other')]) {
      const { roster, addAll } = reported(own(peek === undefined ? {} : { peek }))
      addAll()
      expect(roster.peek(any, request)).toBeNull()
    }
    const { roster, keys, addAll } = reported(own({ peek: (accepts) => keys.find(accepts) }))
    addAll()
    expect(roster.peek(any, request)).toBe(keys[0])
    expect(roster.peek(() => false, request)).toBeUndefined()
  })
})

describe('a built-in strategy', () => {
  it('a built-in strategy is not guarded: what it throws is thrown', () => {
    const roster = new Roster(own({ pick: throws }))
    roster.set(makeKey('a'), true)
    expect(() => roster.pick(any, request)).toThrow(broken)
  })

  it('a roster says whether its strategy wants the ends of calls, and their session', () => {
    const quiet = new Roster(roundRobin())
    expect([quiet.wantsEnds, quiet.usesSession]).toEqual([false, false])
    quiet.ended(makeKey('a'), ended)
    const ends: unknown[] = []
    const eager = new Roster(own({ usesSession: true, ended: (_key, pick) => void ends.push(pick) }))
    expect([eager.wantsEnds, eager.usesSession]).toEqual([true, true])
    eager.ended(makeKey('a'), ended)
    expect(ends).toEqual([ended])
  })
})
