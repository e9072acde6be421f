import { expect, test } from 'vitest'
import { ask, hello } from './testing/ask.js'
import { running } from './testing/running.js'

const chat = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello }

test('the balance endpoint works in the classic regime and is retired in the current one', async () => {
  const { sim, url, key } = await running({ money: { gift: '0.88', charged: '88.00', voucher: '7' } })
  const retired = await ask(`${url}/user/info`, { key })
  expect(retired.status).toBe(410)
  expect(retired.text).toBe(
    '{"code":20092,"message":"This endpoint is deprecated and is no longer available.","data":null}',
  )
  expect((await ask(`${url}/user/info`, { key: 'sk-unknown' })).status).toBe(401)
  sim.settings.update({ regime: 'classic' })
  const alive = await ask(`${url}/user/info`, { key })
  expect(alive).toMatchObject({ status: 200, json: { code: 20_000, message: 'OK', status: true } })
  expect((alive.json as { data: unknown }).data).toMatchObject({
    name: '',
    balance: '0.88',
    status: 'normal',
    chargeBalance: '88.00',
    totalBalance: '88.88',
  })
  expect((await ask(`${url}/user/info`, { key: 'sk-unknown' })).status).toBe(401)
})

test('balances are strings, including negative ones', async () => {
  const { url, key } = await running({ money: { charged: '-0.01' }, settings: { regime: 'classic' } })
  const { json } = await ask(`${url}/user/info`, { key })
  expect(json).toMatchObject({ data: { balance: '0.00', chargeBalance: '-0.01', totalBalance: '-0.01' } })
})

test('a bad key is answered with a bare string in the classic regime and with an object in the current one', async () => {
  const { sim, url } = await running()
  const asked = async (question: Parameters<typeof ask>[1]): Promise<string> =>
    (await ask(`${url}/models`, question)).text
  const now = '{"code":30014,"data":null,"message":"Token is invalid."}'
  expect([await asked({}), await asked({ key: 'sk-unknown' })]).toEqual([now, now])
  sim.settings.update({ regime: 'classic' })
  expect(await asked({})).toBe('"Invalid token"')
  expect(await asked({ headers: { authorization: 'sk-unknown' } })).toBe('"Invalid token"')
  expect(await asked({ key: 'sk-unknown' })).toBe('"Api key is invalid"')
})

test('a revoked key is answered like an unknown key', async () => {
  const { sim, url, key } = await running()
  sim.accounts.update('account-1', { keys: [{ secret: key, status: 'revoked' }] })
  expect((await ask(`${url}/models`, { key })).status).toBe(401)
  expect(sim.requests[0]).toMatchObject({ key, account: 'account-1' })
})

test('the regime can be changed between two requests', async () => {
  const { sim, url, key } = await running({ money: {} })
  const statuses = []
  for (const regime of ['classic', 'current', 'classic'] as const) {
    sim.settings.update({ regime })
    statuses.push((await ask(`${url}/chat/completions`, { key, body: chat })).status)
  }
  expect(statuses).toEqual([403, 402, 403])
})
