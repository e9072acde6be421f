import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fingerprint } from './fingerprint.js'
import { withoutSecret } from './redact.js'
import { revealSecret, Secret } from './secret.js'

const token = `sk-fake${'canary'.repeat(8)}`
const mask = 'sk-fa…nary'

describe('a secret', () => {
  const secret = new Secret(token)

  it('shows its mask whichever way it is printed', () => {
    expect(`${secret}`).toBe(mask)
    expect(String(secret)).toBe(mask)
    expect(JSON.stringify({ secret })).toBe(`{"secret":"${mask}"}`)
    expect(inspect(secret)).toBe(mask)
    expect(inspect({ deep: [secret] })).toContain(mask)
  })

  it('shows its token in no form of inspection, nor in a copy', () => {
    const shown = [
      inspect(secret, { showHidden: true, getters: true, depth: null }),
      inspect(secret, { showHidden: true, getters: true, customInspect: false, depth: null }),
      JSON.stringify({ ...secret }),
      JSON.stringify(structuredClone(secret)),
      ...Reflect.ownKeys(secret).map((key) => String(Reflect.get(secret, key))),
    ]
    expect(shown.join('\n')).not.toContain('canary')
  })

  it('gives the token by its own function only', () => {
    expect(revealSecret(secret)).toBe(token)
  })
})

describe('an outcome whose message repeats the secret', () => {
  const secret = new Secret('exotic-canary-of-no-known-form')

  it('shows the mask in its place', () => {
    const outcome = {
      kind: 'unauthorized',
      fault: 'key',
      message: 'no exotic-canary-of-no-known-form here',
    } as const
    expect(withoutSecret(outcome, secret)).toEqual({ ...outcome, message: 'no exoti…form here' })
  })

  it('is the same object when it does not', () => {
    for (const outcome of [{ kind: 'success' }, { kind: 'rejected', message: 'no' }] as const) {
      expect(withoutSecret(outcome, secret)).toBe(outcome)
    }
  })
})

describe('the fingerprint of a token', () => {
  it('is the same everywhere and for ever', () => {
    expect(fingerprint('sk-a')).toBe('key_a4a6d307ad00fa67')
  })

  it('differs for tokens that differ in one character', () => {
    expect(fingerprint(`${token}a`)).not.toBe(fingerprint(`${token}b`))
  })

  it('holds nothing of the token', () => {
    expect(fingerprint(token)).toMatch(/^key_[0-9a-f]{16}$/)
  })
})
