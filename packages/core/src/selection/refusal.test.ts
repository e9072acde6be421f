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
  const rest = { model: 'm', since: 0, until: now + lengthMs, reason: 'rate-limited', strikes: 1 } as const
  key.account.startCooldown(rest, now)
  return key
}

/** Why none of these keys serves a request for the model. */
function refusalOf(keys: readonly Key[], model: string): Refusal {
  const ask = {
    model,
    now,
    demand: { tokens: 0, images: 0 },
    tried: null,
    account: null,
    access: undefined,
    needsOn: () => 'any' as const,
  }
  const rules = { concurrency: unlimited, pacing: null }
  return refusalFor(
    keys.map((key) => eligibilityOf(key, ask, rules)),
    model,
    now,
  )
}

describe('no key can be leased', () => {
  it('when there is none', () => {
    expect(refusalOf([], 'm')).toMatchObject({
      code: 'no_keys',
      message: expect.stringContaining('sfpool add'),
      retryAfterMs: undefined,
    })
  })

  it('when all are disabled', () => {
    expect(refusalOf([disabled('a'), disabled('b')], 'm')).toMatchObject({
      code: 'no_keys',
      message: expect.stringContaining('All 2 keys are disabled. Enable one with: sfpool enable'),
    })
  })

  it('when those enabled are refused by the upstream', () => {
    expect(refusalOf([disabled('a'), invalid('b'), invalid('c')], 'm')).toMatchObject({
      code: 'all_keys_invalid',
      message: expect.stringContaining('All 2 enabled keys'),
      retryAfterMs: undefined,
    })
  })

  it('when nobody has money, until the first is asked again', () => {
    const keys = [exhausted('a', 90 * second), exhausted('b', 30 * second), invalid('c'), disabled('d')]
    expect(refusalOf(keys, 'm')).toMatchObject({
      code: 'all_keys_exhausted',
      retryAfterMs: 30 * second,
    })
  })

  it('while all that could serve rest, until the first of them is free', () => {
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

  it('for a moment when a key is free but was tried already, or is on trial', () => {
    expect(refusalOf([makeKey('a')], '')).toMatchObject({
      code: 'all_keys_cooling',
      retryAfterMs: second,
    })
  })

  it('never for no time at all', () => {
    expect(refusalOf([cooling('a', -5)], 'm').retryAfterMs).toBe(1)
  })
})
