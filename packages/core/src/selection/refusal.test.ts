import { describe, expect, it } from 'vitest'
import type { Key } from '../key/key.js'
import { makeKey } from '../key/testing/make-key.js'
import { unlimited } from '../limit/concurrency.js'
import { type Refusal, refusalFor } from './refusal.js'
import { eligibilityOf } from './request-eligibility.js'

const now = 1_000_000
const second = 1_000

const disabled = (name: string): Key => Object.assign(makeKey(name), { enabled: false })
const invalid = (name: string): Key =>
  Object.assign(makeKey(name), { health: { status: 'invalid', reason: 'refused', since: 0 } })
const exhausted = (name: string, lengthMs: number): Key => {
  const key = makeKey(name)
  key.account.health = { status: 'exhausted', until: now + lengthMs, funds: 'any', strikes: 1 }
  return key
}
const cooling = (name: string, lengthMs: number): Key => {
  const key = makeKey(name)
  key.account.health = { status: 'cooling', until: now + lengthMs, reason: 'quota', strikes: 1 }
  return key
}
const limited = (name: string, lengthMs: number): Key => {
  const key = makeKey(name)
  const cooldown = {
    model: 'm',
    since: 0,
    until: now + lengthMs,
    reason: 'rate-limited',
    strikes: 1,
  } as const
  key.account.startCooldown(cooldown, now)
  return key
}

/** Returns why none of these keys serves a request for the model. */
function refusalOf(keys: readonly Key[], model: string): Refusal {
  const request = {
    model,
    now,
    demand: { tokens: 0, images: 0 },
    tried: null,
    account: null,
    access: undefined,
    needsOn: () => 'any' as const,
  }
  const limits = { concurrency: unlimited, pacing: null }
  return refusalFor(
    keys.map((key) => eligibilityOf(key, request, limits)),
    model,
    now,
  )
}

describe('refusalFor', () => {
  it('a pool without keys refuses with no_keys', () => {
    expect(refusalOf([], 'm')).toMatchObject({
      code: 'no_keys',
      message: expect.stringContaining('sfpool add'),
      retryAfterMs: undefined,
    })
  })

  it('a pool whose keys are all disabled refuses with no_keys', () => {
    expect(refusalOf([disabled('a'), disabled('b')], 'm')).toMatchObject({
      code: 'no_keys',
      message: expect.stringContaining('All 2 keys are disabled. Enable one with: sfpool enable'),
    })
  })

  it('a pool whose enabled keys are all invalid refuses with all_keys_invalid', () => {
    expect(refusalOf([disabled('a'), invalid('b'), invalid('c')], 'm')).toMatchObject({
      code: 'all_keys_invalid',
      message: expect.stringContaining('All 2 enabled keys'),
      retryAfterMs: undefined,
    })
  })

  it('a pool without money refuses until the first account is asked again', () => {
    const keys = [exhausted('a', 90 * second), exhausted('b', 30 * second), invalid('c'), disabled('d')]
    expect(refusalOf(keys, 'm')).toMatchObject({
      code: 'all_keys_exhausted',
      retryAfterMs: 30 * second,
    })
  })

  it('a pool whose usable keys all cool down refuses until the first of them is free', () => {
    const keys = [limited('a', 40 * second), cooling('b', 20 * second), exhausted('c', second), invalid('d')]
    expect(refusalOf(keys, 'm')).toEqual({
      kind: 'refusal',
      code: 'all_keys_cooling',
      message: 'Every usable key is cooling on m',
      retryAfterMs: 20 * second,
      freeAt: now + 20 * second,
      isBusy: false,
    })
  })

  it('a pool refuses for a moment when its key was tried already, or is on trial', () => {
    expect(refusalOf([makeKey('a')], '')).toMatchObject({
      code: 'all_keys_cooling',
      retryAfterMs: second,
    })
  })

  it('a refusal never lasts less than a millisecond', () => {
    expect(refusalOf([cooling('a', -5)], 'm').retryAfterMs).toBe(1)
  })
})
