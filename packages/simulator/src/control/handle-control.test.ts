import { expect, test } from 'vitest'
import { ask, hello } from '../testing/ask.js'
import { rawExchange } from '../testing/raw-exchange.js'
import { running } from '../testing/running.js'

const chat = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello }

test('GET /_sim/state returns settings, accounts, faults and routes', async () => {
  const { sim, key } = await running({ accounts: 2, settings: { regime: 'classic' } })
  const { status, json } = await ask(`${sim.sites.cn.origin}/_sim/state`)
  expect(status).toBe(200)
  expect(json).toMatchObject({
    settings: { regime: 'classic' },
    accounts: [{ id: 'account-1', keys: [{ secret: key, status: 'ok' }], billCount: 0 }, { id: 'account-2' }],
    faults: [],
    requestCount: 0,
    routes: expect.arrayContaining(['GET /_sim/state', 'POST /_sim/faults']),
  })
})

test('faults can be added, listed and removed over HTTP', async () => {
  const { sim, url, key } = await running()
  const faults = `${sim.sites.cn.origin}/_sim/faults`
  const made = await ask(faults, {
    body: { when: { key }, fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 1 },
  })
  expect(made).toMatchObject({ status: 201, json: { id: 'fault-1' } })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(429)
  expect((await ask(faults)).json).toMatchObject({ items: [{ id: 'fault-1', appliedCount: 1 }] })
  expect((await ask(`${faults}/fault-1`, { method: 'DELETE' })).status).toBe(204)
  expect((await ask(`${faults}/fault-1`, { method: 'DELETE' })).status).toBe(404)
  expect((await ask(faults, { method: 'DELETE' })).status).toBe(204)
})

test('a site can be made to refuse connections through itself, and to accept them through the other site', async () => {
  const { sim, url, key } = await running()
  const body = { when: { site: 'cn' }, fault: { kind: 'refuse' } }
  expect((await ask(`${sim.sites.cn.origin}/_sim/faults`, { body })).status).toBe(201)
  await sim.ready()
  expect(await rawExchange({ port: sim.sites.cn.port, key, body: chat })).toMatchObject({
    ending: 'ECONNREFUSED',
  })
  await ask(`${sim.sites.com.origin}/_sim/faults`, { method: 'DELETE' })
  await sim.ready()
  expect((await ask(`${url}/models`, { key })).status).toBe(200)
})

test('accounts can be opened, read and changed over HTTP', async () => {
  const { sim } = await running()
  const accounts = `${sim.sites.com.origin}/_sim/accounts`
  const body = { id: 'new one', site: 'com', keys: ['sk-fakenew'], money: { charged: '2.50' } }
  expect(await ask(accounts, { body })).toMatchObject({
    status: 201,
    json: { status: 'ok', money: { charged: '2.50' } },
  })
  expect((await ask(`${sim.sites.com.baseURL}/models`, { key: 'sk-fakenew' })).status).toBe(200)
  const path = `${accounts}/new%20one`
  const changed = await ask(path, { method: 'PATCH', body: { money: { gift: '1' }, status: 'disabled' } })
  expect(changed.json).toMatchObject({ status: 'disabled', money: { gift: '1.00', charged: '2.50' } })
  expect((await ask(path)).json).toEqual(changed.json)
  const spending = { key: 'sk-fakenew', body: chat }
  sim.accounts.update('new one', { status: 'ok' })
  await ask(`${sim.sites.com.baseURL}/chat/completions`, spending)
  expect((await ask(path)).json).toMatchObject({
    ledger: [{ at: expect.stringContaining('T'), model: chat.model }],
  })
  expect((await ask(`${accounts}/nobody`)).status).toBe(404)
  expect((await ask(accounts)).json).toMatchObject({ items: [{ id: 'account-1' }, { id: 'new one' }] })
})

test('settings and models can be changed over HTTP', async () => {
  const { sim } = await running()
  const { origin } = sim.sites.cn
  const settings = await ask(`${origin}/_sim/settings`, {
    method: 'PATCH',
    body: { regime: 'classic', eventMs: 20 },
  })
  expect(settings.json).toMatchObject({ regime: 'classic', eventMs: 20, replyTokens: 16 })
  expect(sim.settings.get()).toEqual(settings.json)
  const path = `${origin}/_sim/models/${encodeURIComponent(chat.model)}`
  const model = await ask(path, { method: 'PATCH', body: { limits: { rpm: 9 } } })
  expect(model.json).toMatchObject({ items: [{ id: chat.model, limits: { rpm: 9 } }] })
  const added = await ask(`${origin}/_sim/models`, {
    body: { id: 'new/model', type: 'text', subType: 'chat' },
  })
  expect(added.status).toBe(201)
  expect(sim.models.list().at(-1)).toEqual({ id: 'new/model', type: 'text', subType: 'chat' })
})

test('recorded requests can be filtered and deleted over HTTP, and control requests are not recorded', async () => {
  const { sim, url, keys } = await running({ accounts: 2 })
  for (const key of [...keys, ...keys]) await ask(`${url}/chat/completions`, { key, body: chat })
  const requests = `${sim.sites.cn.origin}/_sim/requests`
  const found = await ask(`${requests}?key=${keys[0]}&limit=1`)
  expect(found.json).toMatchObject({
    total: 4,
    matching: 2,
    items: [
      {
        id: 'request-3',
        key: keys[0],
        status: 200,
        body: JSON.stringify(chat),
        receivedAt: expect.stringContaining('T'),
      },
    ],
  })
  expect((await ask(requests, { method: 'DELETE' })).status).toBe(204)
  expect((await ask(requests)).json).toMatchObject({ total: 4, matching: 0 })
})

test.each([
  ['faults', 'POST', { fault: { kind: 'erorr' } }, 'fault rule.fault.kind'],
  ['faults', 'POST', { fault: { kind: 'error', name: 'no-such' } }, 'fault rule.fault.name'],
  ['faults', 'POST', { when: { key: 'x' }, fault: { kind: 'refuse' } }, 'fault rule'],
  ['accounts', 'POST', { id: 'x', keys: ['a b'] }, 'account.keys[0]'],
  ['accounts/nobody', 'PATCH', {}, 'account.id'],
  ['settings', 'PATCH', { regime: 'modern' }, 'settings.regime'],
  ['settings', 'PATCH', { nonsense: 1 }, 'settings.nonsense'],
  ['models', 'POST', { id: 'x' }, 'model.type'],
  ['settings', 'PATCH', 'not json', 'body'],
  ['accounts/%zz', 'PATCH', {}, 'id'],
  ['requests?limit=many', 'GET', undefined, 'limit'],
])('bad input to %s by %s is refused with the path of the error', async (name, method, body, path) => {
  const { sim } = await running()
  const { status, json } = await ask(`${sim.sites.cn.origin}/_sim/${name}`, { method, body })
  expect(status).toBe(400)
  expect(json).toMatchObject({ error: { path, message: expect.stringContaining('received') } })
})

test('an unknown control route refers to the list of routes, and the error samples can be read', async () => {
  const { sim } = await running()
  const unknown = await ask(`${sim.sites.cn.origin}/_sim/nothing`)
  expect(unknown).toMatchObject({
    status: 404,
    json: { error: { message: expect.stringContaining('/_sim/state') } },
  })
  const samples = await ask(`${sim.sites.cn.origin}/_sim/errors`)
  expect(samples.json).toMatchObject({ 'token-invalid': { status: 401, class: 'key' } })
})
