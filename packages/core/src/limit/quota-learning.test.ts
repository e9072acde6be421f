import { describe, expect, it } from 'vitest'
import { isLongRun, sized } from '../testing/sized.js'
import { type Simulation, simulate } from './testing/simulate.js'

const kinds = ['sliding', 'calendar'] as const
const day = 1_440
const minutely = { meter: 'RPM', demand: 2, minutes: day } as const
const tokens = { meter: 'TPM', demand: 2, minutes: sized(day / 2, day), limit: 50_000 } as const
const busyMinutes = sized(30, 120)

type Case = [string, Omit<Simulation, 'counting'>]

/** Cases of a second and more each. */
const longOnly = (cases: Case[]): Case[] => (isLongRun ? cases : [])

const percent = (share: number): number => Math.round(share * 10_000) / 100

describe.each(kinds)('a hidden limit of an upstream whose window is %s', (counting) => {
  it.each([
    ['RPM 5', { ...minutely, limit: 5 }],
    ['RPM 60', { ...minutely, limit: 60 }],
    ['RPM 500 for eight hours', { ...minutely, limit: 500, minutes: 480 }],
    [
      `RPM 5000 for ${busyMinutes} minutes, without cooldowns`,
      { ...minutely, limit: 5_000, minutes: busyMinutes, coolsDown: false },
    ],
    ['RPM 60, demand just as high', { ...minutely, limit: 60, demand: 1 }],
    ['RPM 60, half the demand', { ...minutely, limit: 60, demand: 0.5 }],
    ['TPM', tokens],
    ...longOnly([
      ['TPM, calls of half a minute', { ...tokens, runMs: 30_000 }],
      ['TPM, counted at the end', { ...tokens, countsAtEnd: true }],
    ]),
  ] satisfies Case[])('is used and respected: %s', (_name, given) => {
    const { used, refused } = simulate({ ...given, counting })
    expect(percent(used)).toBeGreaterThanOrEqual(97)
    expect(percent(refused)).toBeLessThan(0.5)
  })

  it.runIf(isLongRun)('is used and mostly respected when calls of half a minute count at their end', () => {
    const { used, refused } = simulate({ ...tokens, counting, countsAtEnd: true, runMs: 30_000 })
    // What such calls come to is known half a minute late, and two overruns have to agree.
    expect(percent(used)).toBeGreaterThanOrEqual(94)
    expect(percent(refused)).toBeLessThan(2)
  })

  it('is used as far as whole calls fit when a call takes up to a twelfth of it', () => {
    const { used, refused } = simulate({ ...tokens, counting, callSize: 4_000 })
    expect(percent(used)).toBeGreaterThanOrEqual(94)
    expect(percent(refused)).toBeLessThan(0.5)
  })

  it('is left alone when demand does not reach it', () => {
    const { quota, refused } = simulate({ ...minutely, counting, limit: 60, demand: 0.5 })
    expect(refused).toBe(0)
    expect(quota.learnedLimits()).toEqual({})
  })

  it('is found within an hour and a half when it is raised tenfold', () => {
    const change = { atMinute: 120, limit: 600 }
    const { byMinute, refused } = simulate({
      ...minutely,
      counting,
      limit: 60,
      demand: 20,
      minutes: 330,
      change,
    })
    const later = byMinute.slice(120 + 90, 329)
    expect(later.reduce((sum, amount) => sum + amount, 0) / later.length).toBeGreaterThan(600 * 0.93)
    expect(percent(refused)).toBeLessThan(0.5)
  })

  it('is found within minutes when it is cut to a third', () => {
    const change = { atMinute: 120, limit: 200 }
    const { byMinute, quota } = simulate({ ...minutely, counting, limit: 600, minutes: 200, change })
    const later = byMinute.slice(125, 199)
    expect(later.reduce((sum, amount) => sum + amount, 0) / later.length).toBeGreaterThan(200 * 0.93)
    expect(quota.learnedLimits().RPM).toBeLessThanOrEqual(210)
  })
})

describe.each(kinds)('a declared limit of an upstream whose window is %s', (counting) => {
  it.each([
    ['requests', { ...minutely, limit: 60, declared: { RPM: 60 } }],
    ['tokens', { ...tokens, declared: { TPM: 50_000 } }],
    ['tokens of long calls', { ...tokens, declared: { TPM: 50_000 }, runMs: 30_000 }],
    ['tokens counted at the end', { ...tokens, declared: { TPM: 50_000 }, countsAtEnd: true }],
    [
      'tokens of long calls counted at the end',
      { ...tokens, declared: { TPM: 50_000 }, countsAtEnd: true, runMs: 30_000 },
    ],
  ] satisfies Case[])('is used to its end: %s', (_name, given) => {
    const { used, refused } = simulate({ ...given, counting, minutes: sized(240, 480) })
    expect(percent(used)).toBeGreaterThanOrEqual(98)
    expect(percent(refused)).toBeLessThan(0.05)
  })
})
