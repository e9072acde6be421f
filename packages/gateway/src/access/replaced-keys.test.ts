import { expect, it } from 'vitest'
import { stage } from '../testing/stage.js'

const old = { clientKeys: ['client-key-of-old'], adminKey: 'admin-key-of-old' }

async function statusOf(ask: Awaited<ReturnType<typeof stage>>['ask'], path: string, key: string) {
  return (await ask(path, { headers: { authorization: `Bearer ${key}` } })).status
}

it('keys that were replaced open nothing, and the new ones open what they did', async () => {
  const { ask, gateway } = await stage(old)
  // Asked before, so that its admission is remembered.
  expect(await statusOf(ask, '/v1/models', 'client-key-of-old')).toBe(200)
  gateway.replaceKeys({ clientKeys: ['client-key-of-now'], adminKey: 'admin-key-of-now' })
  expect(await statusOf(ask, '/v1/models', 'client-key-of-old')).toBe(401)
  expect(await statusOf(ask, '/v1/models', 'client-key-of-now')).toBe(200)
  expect(await statusOf(ask, '/admin/api/keys', 'admin-key-of-old')).toBe(401)
  expect(await statusOf(ask, '/admin/api/keys', 'admin-key-of-now')).toBe(200)
})

it.each<[string, object, RegExp]>([
  ['no client key', { adminKey: 'a' }, /^clientKeys must hold a key/],
  ['a wrong client key', { clientKeys: ['with space'] }, /^clientKeys/],
  ['one key for both', { clientKeys: ['same-key'], adminKey: 'same-key' }, /^adminKey must differ/],
])('keys are not replaced by %s, and go on to count', async (_what, keys, message) => {
  const { ask, gateway } = await stage(old)
  expect(() => gateway.replaceKeys(keys)).toThrow(message)
  expect(await statusOf(ask, '/v1/models', 'client-key-of-old')).toBe(200)
})

it('an open gateway stays open', async () => {
  const { gateway } = await stage()
  expect(() => gateway.replaceKeys({ clientKeys: ['a-client-key'] })).toThrow(/^clientKeys cannot be added/)
})
