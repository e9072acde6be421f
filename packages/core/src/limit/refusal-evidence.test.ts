import { describe, expect, it } from 'vitest'
import { RefusalEvidence } from './refusal-evidence.js'

const minute = 60_000
const now = Date.UTC(2026, 8, 1, 12, 34, 10)
const refusalAt = (at: number, admitted: number, startedAt = at - 1) => ({
  startedAt,
  now: at,
  admitted,
  ended: 0,
})

/** Evidence with one refusal at `now`, and calls served a minute later. */
function suspected(admitted: number, servedLater: number): RefusalEvidence {
  const evidence = new RefusalEvidence()
  evidence.refused(refusalAt(now, admitted))
  for (let index = 0; index < servedLater; index++) evidence.served(1, now + minute, minute)
  return evidence
}

describe('refusals of one meter', () => {
  it('say nothing alone', () => {
    expect(new RefusalEvidence().refused(refusalAt(now, 100))).toBeNull()
  })

  it('are believed when a second one comes at about the same level, with calls served between', () => {
    expect(suspected(100, 90).refused(refusalAt(now + 2 * minute, 90))).toMatchObject({ admitted: 100 })
    expect(suspected(100, 90).refused(refusalAt(now + 2 * minute, 79))).toBeNull()
    expect(suspected(100, 90).refused(refusalAt(now + 2 * minute, 130))).toBeNull()
  })

  it('are one refusal while nothing is served between them, however many there are', () => {
    const evidence = suspected(100, 0)
    for (let second = 2; second < 60; second += 2)
      expect(evidence.refused(refusalAt(now + second * 1_000, 100 - second))).toBeNull()
    evidence.served(1, now + 61_000, minute)
    expect(evidence.refused(refusalAt(now + 90_000, 30))).toBeNull()
  })

  it('are no neighbours when more than two windows’ worth was served between', () => {
    const evidence = suspected(10, 9)
    evidence.served(9, now + 2 * minute, minute)
    evidence.served(9, now + 3 * minute, minute)
    expect(evidence.refused(refusalAt(now + 4 * minute, 10))).toBeNull()
  })

  it('are refuted by more served within one window of the clock', () => {
    const evidence = new RefusalEvidence()
    evidence.refused(refusalAt(now, 10))
    for (let index = 0; index < 13; index++) evidence.served(1, now + 1_000 + index, minute)
    expect(evidence.isOpen).toBe(false)
  })

  it('are not refuted by as much on both sides of a minute, which the clock counts apart', () => {
    const evidence = suspected(10, 10)
    for (let index = 0; index < 10; index++) evidence.served(1, now + 2 * minute, minute)
    expect(evidence.isOpen).toBe(true)
  })

  it('agree once the rest of a burst is known to have been refused as well', () => {
    const evidence = suspected(10, 10)
    expect(evidence.refused(refusalAt(now + 2 * minute, 15, now + 2 * minute - 9))).toBeNull()
    expect(evidence.retracted(1, now + 2 * minute - 9)).toBeNull()
    expect(evidence.retracted(1, now + 2 * minute - 9)).toBeNull()
    expect(evidence.retracted(1, now + 2 * minute - 9)).toMatchObject({ admitted: 12 })
  })

  it('count calls that were served before the last one, though they ended after it', () => {
    const evidence = suspected(10, 0)
    expect(evidence.refused(refusalAt(now + 2 * minute, 10))).toBeNull()
    expect(evidence.served(1, now + minute, minute)).toMatchObject({ admitted: 10 })
  })

  it('are believed while other accounts are refused alike when a whole queue met the limit', () => {
    const evidence = new RefusalEvidence()
    const heard = Array.from({ length: 8 }, (_, index) =>
      evidence.refused(refusalAt(now + index, 100, now - 1), false),
    )
    expect(heard.map((believed) => believed !== null)).toEqual([...Array(7).fill(false), true])
  })

  it('are believed when three calls of one overrun are refused, unless other accounts are refused alike', () => {
    const evidence = new RefusalEvidence()
    expect(evidence.refused(refusalAt(now, 50))).toBeNull()
    expect(evidence.refused(refusalAt(now + 1, 49, now - 1))).toBeNull()
    expect(evidence.refused(refusalAt(now + 2, 48, now - 1))).not.toBeNull()
    const doubted = new RefusalEvidence()
    for (let ms = 0; ms < 5; ms++) expect(doubted.refused(refusalAt(now + ms, 50, now - 1), false)).toBeNull()
  })

  it('do not all belong to one that a clock set back left in the future', () => {
    const evidence = suspected(10, 0)
    evidence.refused(refusalAt(now - 60 * minute, 10))
    evidence.served(1, now - 59 * minute, minute)
    expect(evidence.refused(refusalAt(now - 58 * minute, 10))).not.toBeNull()
  })
})
