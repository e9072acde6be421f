import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { defaultPacing, Pacing } from './pacing.js'

const minute = 60_000
const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)

const pacingOf = (keys: number, inFlight = 1): Pacing<string> =>
  new Pacing<string>({ inFlight, keys, windowMs: 30 * minute })

describe('calls in flight', () => {
  it('may start up to the limit, and again when one has ended', () => {
    const pacing = pacingOf(1, 2)
    pacing.begin('a', now)
    expect(pacing.mayStart()).toBe(true)
    pacing.begin('a', now)
    expect(pacing.mayStart()).toBe(false)
    pacing.end()
    expect(pacing.mayStart()).toBe(true)
  })

  it('are never fewer than none: a call that ends twice makes no place', () => {
    const pacing = pacingOf(1)
    pacing.end()
    pacing.begin('a', now)
    expect(pacing.mayStart()).toBe(false)
  })

  it('are one by default, with one key in half an hour', () => {
    expect(defaultPacing).toEqual({ inFlight: 1, keys: 1, windowMs: 30 * minute })
    expect(new Pacing(defaultPacing).inFlight).toBe(1)
  })
})

describe('the window of keys', () => {
  it('allows the chosen keys and as many others as there are places for', () => {
    const pacing = pacingOf(2)
    expect(pacing.allows('a', now)).toBe(true)
    pacing.begin('a', now)
    expect([pacing.isFull(now), pacing.allows('b', now)]).toEqual([false, true])
    pacing.begin('b', now + 1)
    expect([pacing.isFull(now + 1), pacing.allows('a', now + 1), pacing.allows('c', now + 1)]).toEqual([
      true,
      true,
      false,
    ])
    expect([...pacing.chosen(now + 1)]).toEqual(['a', 'b'])
  })

  it('begins with its first key and is empty when it is over', () => {
    const pacing = pacingOf(1)
    expect(pacing.windowEndsAt).toBeNull()
    pacing.begin('a', now)
    pacing.begin('a', now + 20 * minute)
    expect(pacing.windowEndsAt).toBe(now + 30 * minute)
    expect(pacing.allows('b', now + 30 * minute - 1)).toBe(false)
    expect(pacing.allows('b', now + 30 * minute)).toBe(true)
    expect(pacing.chosen(now + 30 * minute).size).toBe(0)
    pacing.begin('b', now + 50 * minute)
    expect(pacing.windowEndsAt).toBe(now + 80 * minute)
  })

  it('is no longer than it is when the clock is set back', () => {
    const pacing = pacingOf(1)
    pacing.begin('a', now)
    const earlier = now - 600 * minute
    expect(pacing.allows('b', earlier)).toBe(false)
    expect(pacing.windowEndsAt).toBe(earlier + 30 * minute)
    expect(pacing.allows('b', earlier + 30 * minute)).toBe(true)
  })

  it('has a place again when a key of it has left the pool', () => {
    const pacing = pacingOf(1)
    pacing.begin('a', now)
    pacing.forget('a')
    expect(pacing.allows('b', now + 1)).toBe(true)
    expect(pacing.windowEndsAt).toBeNull()
  })

  it('never holds more keys than it may, when only allowed ones begin', () => {
    assertProperty(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.tuple(fc.nat(9), fc.nat(9 * minute))),
        (keys, calls) => {
          const pacing = new Pacing<number>({ inFlight: 1_000, keys, windowMs: 30 * minute })
          const used: { key: number; at: number; windowEndsAt: number | null }[] = []
          let at = now
          for (const [key, afterMs] of calls) {
            at += afterMs
            if (!pacing.allows(key, at)) continue
            pacing.begin(key, at)
            used.push({ key, at, windowEndsAt: pacing.windowEndsAt })
          }
          for (const windowEndsAt of new Set(used.map((use) => use.windowEndsAt))) {
            const inWindow = used.filter((use) => use.windowEndsAt === windowEndsAt)
            expect(new Set(inWindow.map(({ key }) => key)).size).toBeLessThanOrEqual(keys)
          }
        },
      ),
    )
  })
})
