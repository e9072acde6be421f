import { describe, expect, it } from 'vitest'
import { Account } from '../key/account.js'
import type { Key } from '../key/key.js'
import { makeKey } from '../key/testing/make-key.js'
import { hasAny, KeyNames, ModelAccess } from './rules.js'

const key = makeKey('team', new Account<Key>('acme'))
const unnamed = Object.assign(makeKey('other'), { label: null })
const { id } = key
const mask = String(key.secret)

describe('keys by name', () => {
  it.each([
    ['its id', id],
    ['its label', 'team'],
    ['its account', 'acme'],
    ['its mask', mask],
    ['its mask as typed on any keyboard', mask.replace('…', '...')],
  ])('are found by %s', (_what, name) => {
    const names = new KeyNames(['nobody', name])
    expect(names.has(key)).toBe(true)
    expect(names.has(unnamed)).toBe(false)
  })

  it('are not found by parts of names, nor by a label that they have not', () => {
    for (const name of ['tea', 'TEAM', 'null', '', id.slice(0, -1)]) {
      expect(new KeyNames([name]).has(key)).toBe(false)
      expect(new KeyNames([name]).has(unnamed)).toBe(false)
    }
  })

  it('are printed without a secret, even where one was given by mistake', () => {
    expect(String(new KeyNames(['team', 'sk-fake0123456789abcdefghijkl']))).not.toContain('0123456789')
  })
})

describe('who may serve a model', () => {
  it.each<[string, ConstructorParameters<typeof ModelAccess>[0], boolean, boolean]>([
    ['nothing', {}, true, true],
    ['that it is allowed', { allow: ['team'] }, true, false],
    ['that it is denied', { deny: ['team'] }, false, true],
    ['both, of which the denial has the last word', { allow: ['acme'], deny: ['team'] }, false, false],
    ['that nobody is allowed', { allow: [] }, false, false],
    ['that nobody is denied', { deny: [] }, true, true],
  ])('when a rule says %s', (_what, rule, forKey, forOther) => {
    const access = new ModelAccess(rule)
    expect([access.allows(key), access.allows(unnamed)]).toEqual([forKey, forOther])
  })
})

describe('whether a key mode leaves any key', () => {
  it('is so for all, and else where one is named', () => {
    expect(hasAny('all', undefined, [])).toBe(true)
    expect(hasAny('selected', ['nobody', 'team'], [unnamed, key])).toBe(true)
    expect(hasAny('single', ['acme'], [key])).toBe(true)
    expect(hasAny('selected', ['nobody'], [key, unnamed])).toBe(false)
    expect(hasAny('selected', undefined, [key])).toBe(false)
    expect(hasAny('single', ['team'], [])).toBe(false)
  })
})
