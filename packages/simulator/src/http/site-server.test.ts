import { expect, test } from 'vitest'
import { ask, hello } from '../testing/ask.js'
import { rawExchange } from '../testing/raw-exchange.js'
import { running } from '../testing/running.js'

const chat = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello }

test('a site that refuses connections listens on the same port again when the rule is removed', async () => {
  const { sim, url, key } = await running()
  const { port } = sim.sites.cn
  const id = sim.faults.add({ when: { site: 'cn' }, fault: { kind: 'refuse' } })
  await sim.ready()
  expect(await rawExchange({ port, key, body: chat })).toMatchObject({ ending: 'ECONNREFUSED' })
  expect((await ask(`${sim.sites.com.baseURL}/models`)).status).toBe(401)
  sim.faults.remove(id)
  await sim.ready()
  expect((await ask(`${url}/models`, { key })).status).toBe(200)
  expect(sim.sites.cn.port).toBe(port)
})

test('a site may accept connections and reset them at once', async () => {
  const { sim, key } = await running()
  sim.faults.add({ fault: { kind: 'reset', at: 'connect' }, times: 1 })
  const { port } = sim.sites.cn
  expect(await rawExchange({ port, key, body: chat })).toMatchObject({ ending: 'ECONNRESET' })
  expect(await rawExchange({ port, key, body: chat })).toMatchObject({ ending: 'end' })
  expect(sim.requests).toHaveLength(1)
})

test('a scenario may start with a site that refuses connections', async () => {
  const { sim, key } = await running({ faults: [{ fault: { kind: 'refuse' } }] })
  expect(await rawExchange({ port: sim.sites.cn.port, key, body: chat })).toMatchObject({
    ending: 'ECONNREFUSED',
  })
})

test('every answer has a trace id, which is the client’s own if it sent one', async () => {
  const { url, key } = await running()
  const trace = async (headers: Record<string, string>): Promise<string | null> =>
    (await ask(`${url}/models`, { key, headers })).headers.get('x-siliconcloud-trace-id')
  expect(await trace({})).toMatch(/^[0-9a-f]{32}$/)
  expect(await trace({ 'x-trace-id': 'my-trace' })).toBe('my-trace')
  const parent = '0af7651916cd43dd8448eb211c80319c'
  expect(await trace({ traceparent: `00-${parent}-b7ad6b7169203331-01` })).toBe(parent)
})

test('a request body above the limit is answered with 413', async () => {
  const { sim, url, key } = await running({ settings: { maxBodyBytes: 100 } })
  const answer = await ask(`${url}/chat/completions`, { key, body: { ...chat, padding: 'x'.repeat(200) } })
  expect(answer).toMatchObject({ status: 413, json: { code: 20_043 } })
  sim.settings.update({ maxBodyBytes: 1000 })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(200)
})

test('unknown paths and methods are answered with 404 in the wording of the regime', async () => {
  const { sim, url, key } = await running()
  for (const path of ['/responses', '/nothing', '/files/file-1/content', '/v1/models']) {
    expect(await ask(`${url}${path}`, { key })).toMatchObject({ status: 404, text: 'Not Found' })
  }
  expect(await ask(`${sim.sites.cn.origin}/chat/completions`, { key, body: chat })).toMatchObject({
    status: 404,
  })
  sim.settings.update({ regime: 'classic' })
  expect(await ask(`${url}/responses`, { key, body: {} })).toMatchObject({
    status: 404,
    text: '"404 page not found"',
  })
})

test('a port in use is reported as an error', async () => {
  const { sim } = await running()
  await expect(running({}, { ports: { cn: sim.sites.cn.port } })).rejects.toThrow('EADDRINUSE')
})

test('the simulator listens only on loopback addresses', async () => {
  await expect(running({}, { host: '0.0.0.0' })).rejects.toThrow('host must be a loopback address')
})
