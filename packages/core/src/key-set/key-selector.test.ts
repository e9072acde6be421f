import { describe, expect, it } from 'vitest'
import { fingerprint } from '../key/fingerprint.js'
import { Key } from '../key/key.js'
import { Secret } from '../key/secret.js'
import { makeKey } from '../key/testing/make-key.js'
import { selectKeys, unknownKey } from './key-selector.js'

function keyOf(token: string, label: string | null = null): Key {
  const { account } = makeKey(token)
  const given = { account, site: 'cn', label, weight: 1, enabled: true, addedAt: 0 }
  return new Key({ ...given, id: fingerprint(token), secret: new Secret(token) })
}

const tokens = ['sk-aafake0000000000001111', 'sk-aafake0000000000002222', 'sk-bbfake0000000000001111']
const [one, two, other] = tokens.map((token) => keyOf(token, token.slice(3, 5))) as [Key, Key, Key]
const keys = new Map([one, two, other].map((key) => [key.id, key]))
const select = (selector: string) => selectKeys(selector, keys)

describe('a selector', () => {
  it.each<[string, string, readonly Key[]]>([
    ['a key, by its id', one.id, [one]],
    ['a key, by its token', tokens[1] ?? '', [two]],
    ['keys, by their label', 'aa', [one, two]],
    ['a key, by its mask', 'sk-aa…1111', [one]],
    ['a key, by its mask typed with three dots', 'sk-aa...2222', [two]],
    ['keys, by the beginning of their mask', 'sk-a', [one, two]],
    ['keys, by the beginning of their mask and an ellipsis', 'sk-aa…', [one, two]],
    ['several keys, by the common beginning of their masks', 'sk-a', [one, two]],
    ['no key, by another end', 'sk-aa…3333', []],
    ['no key, by too little', 'sk-', []],
    ['no key, by the end alone', '…1111', []],
    ['no key, when empty', '', []],
    ['no key, by more of the token than a mask shows', 'sk-aafake', []],
  ])('a selector finds %s: %s', (_name, selector, expected) => {
    expect(select(selector)).toEqual(expected)
  })
})

describe('a selector without a key', () => {
  it('the error for a selector without a key repeats it, so that a typing error is seen', () => {
    expect(unknownKey('taem').message).toBe('No key matches "taem". See them with: sfpool list')
    expect(unknownKey('sk-aa…3333').message).toContain('"sk-aa…3333"')
  })

  it('the error for a selector that may be a token masks it', () => {
    for (const selector of [
      'sk-canarycanarycanarycanarycanary',
      'sk-canarycanary',
      'x'.repeat(12) + 'canary'.repeat(3),
    ]) {
      expect(unknownKey(selector).message).not.toMatch(/canaryc/)
      expect(unknownKey(selector)).toMatchObject({ code: 'unknown_key', status: 404 })
    }
  })
})
