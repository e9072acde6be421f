import { describe, expect, it } from 'vitest'
import { Account } from '../key/account.js'
import type { Key } from '../key/key.js'
import { makeKey } from '../key/testing/make-key.js'
import { hasAny, KeyNames, ModelAccess } from './rules.js'

const key = makeKey('team', new Account<Key>('acme'))
const unnamed = Object.assign(makeKey('other'), { label: null })
const { id } = key
const mask = String(key.secret)

describe('KeyNames', () => {
  it.each([
    ['its id', id],
    ['its label', 'team'],
    ['its account', 'acme'],
    ['its mask', mask],
    ['its mask as typed on any keyboard', mask.replace('…', '...')],
  ])('a key is found by %s', (_what, name) => {
    const names = new KeyNames(['no-such-key', name])
    expect(names.has(key)).toBe(true)
    expect(names.has(unnamed)).toBe(false)
  })

  it('a key is not found by a part of a name, nor by a label that it does not have', () => {
    for (const name of ['tea', 'TEAM', 'null', '', id.slice(0, -1)]) {
      expect(new KeyNames([name]).has(key)).toBe(false)
      expect(new KeyNames([name]).has(unnamed)).toBe(false)
    }
  })

  it('names of keys are printed without a secret, even where one was given by mistake', () => {
    expect(String(new KeyNames(['team', 'sk-fake0123456789abcdefghijkl']))).not.toContain('0123456789')
  })
})

describe('ModelAccess', () => {
  it.each<[string, ConstructorParameters<typeof ModelAccess>[0], boolean, boolean]>([
    ['nothing', {}, true, true],
    ['that the key is allowed', { allow: ['team'] }, true, false],
    ['that the key is denied', { deny: ['team'] }, false, true],
    ['both, of which the denial prevails', { allow: ['acme'], deny: ['team'] }, false, false],
    ['that no key is allowed', { allow: [] }, false, false],
    ['that no key is denied', { deny: [] }, true, true],
  ])('access to a model follows a rule that says %s', (_what, rule, forKey, forOther) => {
    const access = new ModelAccess(rule)
    expect([access.allows(key), access.allows(unnamed)]).toEqual([forKey, forOther])
  })
})

describe('hasAny', () => {
  it('a key mode leaves a key in service when it is all, or names one', () => {
    expect(hasAny('all', undefined, [])).toBe(true)
    expect(hasAny('selected', ['no-such-key', 'team'], [unnamed, key])).toBe(true)
    expect(hasAny('single', ['acme'], [key])).toBe(true)
    expect(hasAny('selected', ['no-such-key'], [key, unnamed])).toBe(false)
    expect(hasAny('selected', undefined, [key])).toBe(false)
    expect(hasAny('single', ['team'], [])).toBe(false)
  })
})
