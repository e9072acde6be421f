import { describe, expect, it } from 'vitest'
import { type Access, type Credentials, Gatekeeper } from './gatekeeper.js'

const bearer = (key: string): Credentials => ({ authorization: `Bearer ${key}`, apiKey: undefined })
const apiKey = (key: string): Credentials => ({ authorization: undefined, apiKey: key })
const nothing: Credentials = { authorization: undefined, apiKey: undefined }

const refusalOf = (keeper: Gatekeeper, access: Access, credentials: Credentials) => {
  const admission = keeper.admit(access, credentials)
  return admission.kind === 'refused' ? admission.refusal : undefined
}
const statusOf = (keeper: Gatekeeper, access: Access, credentials: Credentials) =>
  refusalOf(keeper, access, credentials)?.status ?? 200

describe('a gatekeeper with client keys and an admin key', () => {
  const keeper = new Gatekeeper(['client-one', 'client-two'], 'the-admin')

  it.each([
    ['client', 200, bearer('client-one')],
    ['client', 200, bearer('client-two')],
    ['client', 200, apiKey('client-two')],
    ['client', 200, { authorization: 'bEARER  client-one ', apiKey: undefined }],
    ['client', 200, bearer('the-admin')],
    ['client', 200, { authorization: 'Bearer other', apiKey: 'client-one' }],
    ['client', 401, nothing],
    ['client', 401, bearer('')],
    ['client', 401, bearer('client-on')],
    ['client', 401, bearer('client-one2')],
    ['client', 401, bearer('CLIENT-ONE')],
    ['client', 401, { authorization: 'client-one', apiKey: undefined }],
    ['client', 401, { authorization: 'Basic client-one', apiKey: undefined }],
    ['client', 401, apiKey('')],
    ['admin', 200, bearer('the-admin')],
    ['admin', 200, apiKey('the-admin')],
    ['admin', 403, bearer('client-one')],
    ['admin', 401, bearer('wrong')],
    ['admin', 401, nothing],
    ['public', 200, nothing],
  ] as const)('a %s route answers %i to %o', (access, status, credentials) => {
    expect(statusOf(keeper, access, credentials)).toBe(status)
  })

  it('a refusal has the shape of the OpenAI API, a challenge, and no part of the key that was sent', () => {
    const refusal = refusalOf(keeper, 'client', bearer('wrong-key-canary'))
    expect(JSON.parse(refusal?.body ?? '')).toEqual({
      error: {
        message: expect.stringContaining('client key'),
        type: 'authentication_error',
        code: 'invalid_client_key',
        param: null,
      },
    })
    expect(refusal?.headers).toContain('www-authenticate')
    expect(JSON.stringify(refusal)).not.toContain('canary')
  })
})

describe('a caller that was admitted before', () => {
  it('a key that was admitted on a client route still opens no admin route', () => {
    const keeper = new Gatekeeper(['client-one'], 'the-admin')
    for (let call = 0; call < 3; call++) {
      expect(statusOf(keeper, 'client', bearer('client-one'))).toBe(200)
      expect(statusOf(keeper, 'admin', bearer('client-one'))).toBe(403)
    }
  })

  it('the same caller is named each time, and no other key passes for it', () => {
    const keeper = new Gatekeeper(['client-one', 'client-two'], undefined)
    const first = keeper.admit('client', bearer('client-one'))
    expect(keeper.admit('client', bearer('client-one'))).toEqual(first)
    expect(keeper.admit('client', bearer('client-two'))).not.toEqual(first)
    for (const other of ['client-on', 'client-one ', 'Client-one', 'client-three'])
      expect(statusOf(keeper, 'client', bearer(other))).toBe(other.trim() === 'client-one' ? 200 : 401)
  })

  it('credentials in any number of spellings are admitted, and wrong ones are refused after them', () => {
    const keeper = new Gatekeeper(['client-one'], undefined)
    for (let spaces = 0; spaces < 2500; spaces++)
      expect(statusOf(keeper, 'client', bearer(`${' '.repeat(spaces)}client-one`))).toBe(200)
    expect(statusOf(keeper, 'client', bearer('client-two'))).toBe(401)
  })
})

describe('the role of an admitted caller', () => {
  it.each([
    ['admin', ['client-one'], bearer('the-admin')],
    ['admin', ['client-one'], { authorization: 'Bearer client-one', apiKey: 'the-admin' }],
    ['client', ['client-one'], apiKey('client-one')],
    ['admin', [], bearer('the-admin')],
    ['admin', [], apiKey('the-admin')],
    ['anonymous', [], bearer('the-Admin')],
    ['anonymous', [], bearer('anything-else')],
    ['anonymous', [], nothing],
  ] as const)(
    'the role of an admitted caller is %s with client keys %j and %o',
    (role, clientKeys, credentials) => {
      expect(new Gatekeeper(clientKeys, 'the-admin').admit('client', credentials)).toMatchObject({
        kind: 'admitted',
        role,
      })
    },
  )

  it('no caller is admitted as admin while no admin key is set', () => {
    expect(new Gatekeeper([], undefined).admit('client', bearer(''))).toEqual({
      kind: 'admitted',
      role: 'anonymous',
      client: null,
    })
  })
})

it('requests pass with any key or none while no client key is set', () => {
  const keeper = new Gatekeeper([], undefined)
  expect(statusOf(keeper, 'client', nothing)).toBe(200)
  expect(statusOf(keeper, 'client', bearer('anything'))).toBe(200)
})

it('admin routes are closed to every caller while no admin key is set, and say what to set', () => {
  const keeper = new Gatekeeper(['client-one'], undefined)
  expect(statusOf(keeper, 'admin', nothing)).toBe(403)
  expect(statusOf(keeper, 'admin', bearer(''))).toBe(403)
  expect(refusalOf(keeper, 'admin', bearer('client-one'))?.body).toContain('--admin-key')
})
