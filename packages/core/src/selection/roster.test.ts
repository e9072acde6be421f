import { describe, expect, it } from 'vitest'
import type { Key } from '../key/key.js'
import { makeKey } from '../key/testing/make-key.js'
import { roundRobin } from '../strategy/round-robin.js'
import type { Candidate, PickRequest, Strategy } from '../strategy/strategy.js'
import { Roster } from './roster.js'

const request: PickRequest = { model: 'm', now: 0, session: null }
const anyone = (): boolean => true
const ended = { model: 'm', session: null, kind: 'success', firstOutputMs: null, now: 0 } as const

/** Round robin, with parts of it replaced. */
function own(changes: Partial<Strategy>): Strategy {
  const inner = roundRobin()
  return {
    add: (candidate) => inner.add(candidate),
    remove: (candidate) => inner.remove(candidate),
    pick: (accepts, asked) => inner.pick(accepts, asked),
    ...changes,
  }
}

function watched(strategy: Strategy) {
  const faults: { what: string; cause: unknown }[] = []
  const roster = new Roster(strategy, (what, cause) => void faults.push({ what, cause }))
  const keys = ['a', 'b', 'c'].map((name) => makeKey(name))
  const seatAll = (): void => {
    for (const key of keys) roster.set(key, true)
  }
  return { roster, faults, keys: keys as [Key, Key, Key], seatAll }
}

const broken = new Error('broken')
const throws = (): never => {
  throw broken
}

describe('a user’s own strategy', () => {
  it('that keeps its contract is all there is', () => {
    const { roster, faults, keys, seatAll } = watched(own({ pick: (accepts) => keys.find(accepts) }))
    seatAll()
    expect([1, 2, 3].map(() => roster.pick(anyone, request))).toEqual([keys[0], keys[0], keys[0]])
    expect(roster.pick((key) => key !== keys[0], request)).toBe(keys[1])
    expect(roster.pick(() => false, request)).toBeUndefined()
    expect(faults).toEqual([])
  })

  it('is told of members once, however often they are set', () => {
    const told: string[] = []
    const { roster, keys } = watched(
      own({
        add: ({ label }) => void told.push(`+${label}`),
        remove: ({ label }) => void told.push(`-${label}`),
      }),
    )
    roster.set(keys[0], false)
    for (const isMember of [true, true, false, false, true]) roster.set(keys[0], isMember)
    expect(told).toEqual(['+a', '-a', '+a'])
    expect(roster.size).toBe(1)
  })

  it('is not asked while there is nobody to pick', () => {
    const { roster, faults } = watched(own({ pick: throws }))
    expect(roster.pick(anyone, request)).toBeUndefined()
    expect(faults).toEqual([])
  })

  it.each<[string, Partial<Strategy>, string, unknown]>([
    ['throws in pick', { pick: throws }, 'threw', broken],
    ['throws in add', { add: throws, pick: () => undefined }, 'threw', broken],
    ['gives a stranger', { pick: () => makeKey('stranger') }, 'picked "key_', undefined],
    [
      'gives a copy',
      { pick: () => ({ ...makeKey('a') }) as unknown as Candidate },
      'picked "key_',
      undefined,
    ],
    [
      'gives what is no key at all',
      { pick: () => 'key' as unknown as Candidate },
      'picked string',
      undefined,
    ],
    ['gives null', { pick: () => null as unknown as Candidate }, 'picked object', undefined],
    [
      'gives a promise',
      { pick: () => Promise.resolve(makeKey('a')) as unknown as Candidate },
      'picked object',
      undefined,
    ],
  ])('that %s costs nobody a request, and is told of once', (_name, changes, what, cause) => {
    const { roster, faults, keys, seatAll } = watched(own(changes))
    seatAll()
    const picks = [1, 2, 3, 4, 5, 6].map(() => roster.pick(anyone, request))
    for (const key of keys) expect(picks.filter((each) => each === key)).toHaveLength(2)
    expect(faults).toEqual([{ what: expect.stringContaining(what), cause }])
  })

  it('that gives a key that was not accepted is passed over, for as long as it does so', () => {
    const { roster, faults, keys, seatAll } = watched(own({ pick: () => keys[0] }))
    seatAll()
    const notFirst = (key: Candidate): boolean => key !== keys[0]
    expect([1, 2].map(() => roster.pick(notFirst, request))).toEqual([keys[1], keys[2]])
    expect(roster.pick(anyone, request)).toBe(keys[0])
    expect(roster.pick(() => false, request)).toBeUndefined()
    expect(faults).toEqual([
      {
        what: `picked "${keys[0].id}", which is no key that it was given and told to be accepted`,
        cause: undefined,
      },
    ])
  })

  it('that gives a key which has left is passed over', () => {
    const { roster, faults, keys, seatAll } = watched(own({ pick: () => keys[0] }))
    seatAll()
    roster.set(keys[0], false)
    expect([keys[1], keys[2]]).toContain(roster.pick(anyone, request))
    expect(faults).toHaveLength(1)
  })

  it('that fails only now and then serves in between; the substitute knows who came and went', () => {
    let isBroken = true
    const { roster, faults, keys, seatAll } = watched(
      own({ pick: (accepts) => (isBroken ? throws() : keys.find(accepts)) }),
    )
    seatAll()
    roster.pick(anyone, request)
    isBroken = false
    expect(roster.pick(anyone, request)).toBe(keys[0])
    roster.set(keys[1], false)
    const fresh = makeKey('fresh')
    roster.set(fresh, true)
    isBroken = true
    const picks = new Set([1, 2, 3].map(() => roster.pick(anyone, request)))
    expect(picks).toEqual(new Set([keys[0], keys[2], fresh]))
    expect(faults).toHaveLength(1)
  })

  it('that throws when a key leaves or a call ends still serves', () => {
    const { roster, faults, keys, seatAll } = watched(own({ remove: throws, ended: throws }))
    seatAll()
    roster.set(keys[0], false)
    roster.ended(keys[1], ended)
    expect(roster.wantsEnds).toBe(true)
    expect([keys[1], keys[2]]).toContain(roster.pick((key) => key !== keys[0], request))
    expect(faults).toEqual([{ what: 'threw', cause: broken }])
  })

  it('cannot be foreseen without peek, nor when peek fails or names a stranger', () => {
    for (const peek of [undefined, throws, () => makeKey('stranger')]) {
      const { roster, seatAll } = watched(own(peek === undefined ? {} : { peek }))
      seatAll()
      expect(roster.peek(anyone, request)).toBeNull()
    }
    const { roster, keys, seatAll } = watched(own({ peek: (accepts) => keys.find(accepts) }))
    seatAll()
    expect(roster.peek(anyone, request)).toBe(keys[0])
    expect(roster.peek(() => false, request)).toBeUndefined()
  })
})

describe('a strategy of ours', () => {
  it('is not watched: what it does wrong is an error of ours', () => {
    const roster = new Roster(own({ pick: throws }))
    roster.set(makeKey('a'), true)
    expect(() => roster.pick(anyone, request)).toThrow(broken)
  })

  it('tells whether it wants to hear how calls end, and of which session', () => {
    const quiet = new Roster(roundRobin())
    expect([quiet.wantsEnds, quiet.usesSession]).toEqual([false, false])
    quiet.ended(makeKey('a'), ended)
    const told: unknown[] = []
    const eager = new Roster(own({ usesSession: true, ended: (_key, pick) => void told.push(pick) }))
    expect([eager.wantsEnds, eager.usesSession]).toEqual([true, true])
    eager.ended(makeKey('a'), ended)
    expect(told).toEqual([ended])
  })
})
