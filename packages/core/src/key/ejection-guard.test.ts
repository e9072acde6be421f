import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { EjectionGuard } from './ejection-guard.js'

const poolOf = (size: number): string[] => Array.from({ length: size }, (_, at) => `key-${at}`)

/** Refuses the whole pool, a millisecond apart; returns how many were ejected. */
function refuseAll(guard: EjectionGuard, size: number, from = 0): number {
  return poolOf(size).filter((subject, at) => guard.refused(subject, size, from + at)).length
}

describe('the ejection guard', () => {
  it('ejects a tenth of the pool while no key is accepted', () => {
    expect(refuseAll(new EjectionGuard(), 100)).toBe(10)
  })

  it('ejects one key of the smallest pool', () => {
    expect(refuseAll(new EjectionGuard(), 1)).toBe(1)
    expect(refuseAll(new EjectionGuard(), 5)).toBe(1)
    expect(refuseAll(new EjectionGuard(), 19)).toBe(1)
    expect(refuseAll(new EjectionGuard({ share: 0 }), 50)).toBe(1)
  })

  it('ejects exactly the share that it is given', () => {
    expect(refuseAll(new EjectionGuard({ share: 0.29 }), 100)).toBe(29)
    expect(refuseAll(new EjectionGuard({ share: 1 }), 100)).toBe(100)
  })

  it('trusts further refusals of an ejected subject', () => {
    const guard = new EjectionGuard()
    expect(guard.refused('one', 5, 0)).toBe(true)
    expect(guard.refused('other', 5, 1)).toBe(false)
    expect(guard.refused('one', 5, 2)).toBe(true)
    expect(guard.refused('other', 5, 3)).toBe(false)
  })

  it('counts a subject once, however often it is refused', () => {
    const guard = new EjectionGuard({ share: 0.5 })
    for (let at = 0; at < 10; at++) guard.refused('one', 4, at)
    expect(guard.refused('other', 4, 11)).toBe(true)
  })

  it('starts again after any acceptance', () => {
    const guard = new EjectionGuard()
    expect(refuseAll(guard, 20)).toBe(2)
    guard.accepted(100)
    expect(refuseAll(guard, 20, 200)).toBe(2)
  })

  it('counts a subject again that is refused after an acceptance', () => {
    const guard = new EjectionGuard()
    expect(guard.refused('one', 5, 0)).toBe(true)
    guard.accepted(1)
    expect(guard.refused('other', 5, 2)).toBe(true)
    expect(guard.refused('one', 5, 3)).toBe(false)
  })

  it('ignores the success of calls that began before the refusals did, such as long streams', () => {
    const guard = new EjectionGuard()
    expect(refuseAll(guard, 20, 1_000)).toBe(2)
    for (let startedAt = 0; startedAt <= 1_000; startedAt += 10) guard.accepted(startedAt)
    expect(guard.refused('one more', 20, 2_000)).toBe(false)
  })

  it('begins to count with the first refusal, whatever was accepted before', () => {
    const guard = new EjectionGuard()
    guard.accepted(1_000)
    expect(refuseAll(guard, 20, 500)).toBe(2)
  })

  it('counts acceptances again after the clock was set back', () => {
    const guard = new EjectionGuard()
    expect(guard.refused('one', 5, 1_000_000)).toBe(true)
    expect(guard.refused('other', 5, 1_000)).toBe(false)
    guard.accepted(1_001)
    expect(guard.refused('other', 5, 1_002)).toBe(true)
  })

  it('takes the share of the size that the pool has at the refusal', () => {
    const guard = new EjectionGuard()
    expect(guard.refused('one', 5, 0)).toBe(true)
    expect(guard.refused('two', 20, 1)).toBe(true)
    expect(guard.refused('three', 20, 2)).toBe(false)
    expect(guard.refused('two', 5, 3)).toBe(true)
  })

  it('ejects no more than the share of 100,000 keys that all fail, over and over', () => {
    const guard = new EjectionGuard()
    const ejected = new Set<string>()
    const subjects = poolOf(100_000)
    for (let round = 0; round < 3; round++) {
      for (const subject of subjects) if (guard.refused(subject, 100_000, round)) ejected.add(subject)
    }
    expect(ejected.size).toBe(10_000)
  })

  it('never ejects more distinct subjects between acceptances than the share allows', () => {
    const call = fc.record({ subject: fc.nat(40), isAccepted: fc.boolean() })
    assertProperty(
      fc.property(
        fc.array(call, { maxLength: 200, size: 'max' }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (calls, share) => {
          const guard = new EjectionGuard({ share })
          let ejected = new Set<number>()
          for (const [now, { subject, isAccepted }] of calls.entries()) {
            if (isAccepted && subject < 4) {
              guard.accepted(now)
              ejected = new Set()
            } else if (guard.refused(`${subject}`, 41, now)) ejected.add(subject)
            expect(ejected.size).toBeLessThanOrEqual(Math.max(1, share * 41 + 1e-6))
          }
        },
      ),
    )
  })
})
