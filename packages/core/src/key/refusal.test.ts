import { describe, expect, it } from 'vitest'
import type { Key } from './key.js'
import { refusalFor } from './refusal.js'
import { makeKey } from './testing/make-key.js'

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
  key.account.cooldowns.set('m', rest)
  return key
}

describe('no key can be leased', () => {
  it('when there is none', () => {
    expect(refusalFor([], 'm', now)).toMatchObject({
      code: 'no_keys',
      message: expect.stringContaining('sfpool add'),
      retryAfterMs: undefined,
    })
  })

  it('when all are disabled', () => {
    expect(refusalFor([disabled('a'), disabled('b')], 'm', now)).toMatchObject({
      code: 'no_keys',
      message: expect.stringContaining('All 2 keys are disabled. Enable one with: sfpool enable'),
    })
  })

  it('when those enabled are refused by the upstream', () => {
    expect(refusalFor([disabled('a'), invalid('b'), invalid('c')], 'm', now)).toMatchObject({
      code: 'all_keys_invalid',
      message: expect.stringContaining('All 2 enabled keys'),
      retryAfterMs: undefined,
    })
  })

  it('when nobody has money, until the first is asked again', () => {
    const keys = [exhausted('a', 90 * second), exhausted('b', 30 * second), invalid('c'), disabled('d')]
    expect(refusalFor(keys, 'm', now)).toMatchObject({
      code: 'all_keys_exhausted',
      retryAfterMs: 30 * second,
    })
  })

  it('while all that could serve rest, until the first of them is free', () => {
    const keys = [limited('a', 40 * second), cooling('b', 20 * second), exhausted('c', second), invalid('d')]
    expect(refusalFor(keys, 'm', now)).toEqual({
      code: 'all_keys_cooling',
      message: 'Every usable key is cooling on m; the first is free in 20 s',
      retryAfterMs: 20 * second,
    })
  })

  it('for a moment when a key is free but was tried already, or is on trial', () => {
    expect(refusalFor([makeKey('a')], '', now)).toMatchObject({
      code: 'all_keys_cooling',
      retryAfterMs: second,
    })
  })

  it('never for no time at all', () => {
    expect(refusalFor([cooling('a', -5)], 'm', now).retryAfterMs).toBe(1)
  })
})
