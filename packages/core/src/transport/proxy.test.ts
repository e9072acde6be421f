import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import { promisesSettled } from '../testing/fake-runtime.js'
import { ownAuthority } from '../testing/own-authority.js'
import { httpProxy, socks5Proxy } from '../testing/proxies.js'

const authority = ownAuthority()
const event = 'data: {"choices":[{"index":0,"delta":{"content":"hello"}}]}\n\n'

/** A simulated upstream, plain HTTP. */
async function simulated() {
  const scenario = makeScenario({ accounts: 1 })
  const sim = await startSimulator({ scenario })
  onTestFinished(() => sim.close())
  return { keys: keysOf(scenario), baseURL: sim.sites.cn.baseURL, sim }
}

/** An upstream with a certificate of the company: a stream of one event that stays open, JSON elsewhere. */
async function secure() {
  let open = 0
  const server = createServer(authority, (request, response) => {
    request.resume()
    if (request.method === 'GET') return response.end('{"object":"list","data":[]}')
    open++
    response.on('close', () => open--)
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { baseURL: `https://127.0.0.1:${port}/v1`, port, keys: ['sk-one'], open: () => open }
}

async function poolOf(options: PoolOptions): Promise<KeyPool> {
  const pool = new KeyPool({ provider: 'generic', ...options })
  onTestFinished(() => pool.close())
  await pool.ready
  return pool
}

const chat = (signal?: AbortSignal): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"model":"Qwen/Qwen3-8B","messages":[{"role":"user","content":"hello"}],"stream":true}',
  ...(signal === undefined ? {} : { signal }),
})

describe('an HTTP proxy', () => {
  it('calls to a plain HTTP upstream are forwarded by the proxy, with its login and not to the upstream', async () => {
    const { sim, ...upstream } = await simulated()
    const proxy = await httpProxy({ login: 'user:p@ss' })
    const pool = await poolOf({ ...upstream, proxy: `http://user:p%40ss@127.0.0.1:${proxy.port}` })
    const answer = await pool.fetch(`${pool.baseURL}/chat/completions`, chat())
    expect(await answer.text()).toContain('[DONE]')
    expect(proxy.asked).toEqual([`POST ${upstream.baseURL}/chat/completions`])
    expect(sim.requests[0]?.headers['proxy-authorization']).toBeUndefined()
    expect(sim.requests[0]?.headers.host).toBe(new URL(upstream.baseURL).host)
    expect(pool.proxy).toBe(`http://…@127.0.0.1:${proxy.port}`)
  })

  it('a stream comes through a tunnel event by event, and an abort ends it at the upstream and the proxy', async () => {
    const { open, port, ...upstream } = await secure()
    const proxy = await httpProxy()
    const pool = await poolOf({ ...upstream, ca: authority.ca, proxy: `http://127.0.0.1:${proxy.port}` })
    const leaving = new AbortController()
    const answer = await pool.fetch(`${pool.baseURL}/chat/completions`, chat(leaving.signal))
    const { value } = (await answer.body?.getReader().read()) ?? {}
    expect(String(Buffer.from(value ?? []))).toBe(event)
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${port}`])
    leaving.abort()
    await vi.waitFor(() => expect([open(), proxy.open()]).toEqual([0, 0]))
  })

  it('calls go through a proxy that itself is spoken to by TLS', async () => {
    const { port, open: _, ...upstream } = await secure()
    const proxy = await httpProxy({ tls: authority })
    const pool = await poolOf({ ...upstream, ca: authority.ca, proxy: `https://127.0.0.1:${proxy.port}` })
    expect((await pool.fetch(`${pool.baseURL}/models`)).status).toBe(200)
    expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${port}`])
  })

  it('a tunnel is kept for the next call', async () => {
    const { open: _, port: __, ...upstream } = await secure()
    const proxy = await httpProxy()
    const pool = await poolOf({ ...upstream, ca: authority.ca, proxy: `http://127.0.0.1:${proxy.port}` })
    for (let count = 0; count < 3; count++) {
      await (await pool.fetch(`${pool.baseURL}/models`)).arrayBuffer()
      // A connection is free again a moment after its answer has ended.
      await promisesSettled()
    }
    expect(proxy.asked).toHaveLength(1)
  })

  it('a proxy that refuses the login is named in the error, without its password', async () => {
    const { open: _, port: __, ...upstream } = await secure()
    const proxy = await httpProxy({ login: 'user:right' })
    const pool = await poolOf({
      ...upstream,
      ca: authority.ca,
      proxy: `http://user:canary@127.0.0.1:${proxy.port}`,
    })
    const failed: Error = await pool.fetch(`${pool.baseURL}/models`).then(
      async (answer) => new Error(await answer.text()),
      (error) => error,
    )
    expect(failed.message).toContain(`through the proxy http://…@127.0.0.1:${proxy.port}: `)
    expect(failed.message).toContain('asks for a login')
    expect(failed.message).not.toContain('canary')
  })

  it('a proxy that forwards and refuses the login is named in the error, and no key is blamed', async () => {
    const { sim, ...upstream } = await simulated()
    const proxy = await httpProxy({ login: 'user:right' })
    const pool = await poolOf({ ...upstream, proxy: `http://127.0.0.1:${proxy.port}` })
    const answer = await pool.fetch(`${pool.baseURL}/models`)
    expect(answer.status).toBe(502)
    expect(await answer.text()).toContain(
      `through the proxy http://127.0.0.1:${proxy.port}: it asks for a login`,
    )
    expect(sim.requests).toHaveLength(0)
    expect(pool.keys.list().map(({ status }) => status)).not.toContain('invalid')
  })

  it('the time limit for connecting holds for a proxy that never answers, and leaves no connection', async () => {
    const { open: _, port: __, ...upstream } = await secure()
    const proxy = await httpProxy()
    proxy.fallSilent()
    const options = { ...upstream, ca: authority.ca, proxy: `http://127.0.0.1:${proxy.port}` }
    const pool = await poolOf({ ...options, timeouts: { connect: 50 } })
    const answer = await pool.fetch(`${pool.baseURL}/models`)
    expect(await answer.text()).toContain('no connection in time')
    await vi.waitFor(() => expect(proxy.open()).toBe(0))
  })

  it('an upstream that NO_PROXY exempts is reached directly', async () => {
    const { open: _, port: __, ...upstream } = await secure()
    const proxy = await httpProxy()
    const https = `http://127.0.0.1:${proxy.port}`
    const pool = await poolOf({ ...upstream, ca: authority.ca, proxy: { https, noProxy: '127.0.0.0/8' } })
    expect((await pool.fetch(`${pool.baseURL}/models`)).status).toBe(200)
    expect([proxy.asked, pool.proxy]).toEqual([[], null])
  })
})

describe('a SOCKS5 proxy', () => {
  it.each([
    ['without a login', undefined, ''],
    ['with a login', 'user:p@ss', 'user:p%40ss@'],
  ])('streams and aborts go through a SOCKS5 proxy %s', async (_, login, written) => {
    const { open, port, ...upstream } = await secure()
    const proxy = await socks5Proxy(login === undefined ? {} : { login })
    const options = { ...upstream, baseURL: `https://localhost:${port}/v1`, ca: authority.ca }
    const pool = await poolOf({ ...options, proxy: `socks5://${written}127.0.0.1:${proxy.port}` })
    const leaving = new AbortController()
    const answer = await pool.fetch(`${pool.baseURL}/chat/completions`, chat(leaving.signal))
    const { value } = (await answer.body?.getReader().read()) ?? {}
    expect(String(Buffer.from(value ?? []))).toBe(event)
    expect(proxy.asked).toEqual([`localhost:${port}`])
    leaving.abort()
    await vi.waitFor(() => expect([open(), proxy.open()]).toEqual([0, 0]))
  })

  it('a plain HTTP upstream is reached through a SOCKS5 proxy by its address', async () => {
    const { sim: _, ...upstream } = await simulated()
    const proxy = await socks5Proxy()
    const pool = await poolOf({ ...upstream, proxy: `socks5://127.0.0.1:${proxy.port}` })
    const answer = await pool.fetch(`${pool.baseURL}/chat/completions`, chat())
    expect(await answer.text()).toContain('[DONE]')
    expect(proxy.asked).toEqual([new URL(upstream.baseURL).host])
  })

  it('a SOCKS5 proxy that refuses says why', async () => {
    const { open: _, port: __, ...upstream } = await secure()
    const locked = await socks5Proxy({ login: 'user:right' })
    const ask = async (proxy: string, baseURL: string): Promise<string> => {
      const pool = await poolOf({ ...upstream, baseURL, ca: authority.ca, proxy })
      return (await pool.fetch(`${pool.baseURL}/models`)).text()
    }
    expect(await ask(`socks5://127.0.0.1:${locked.port}`, upstream.baseURL)).toContain('asks for a login')
    expect(await ask(`socks5://user:wrong@127.0.0.1:${locked.port}`, upstream.baseURL)).toContain(
      'refused the login',
    )
    const open = await socks5Proxy()
    expect(await ask(`socks5://127.0.0.1:${open.port}`, 'https://127.0.0.1:1/v1')).toContain('was refused')
  })
})

describe('a company of its own authority', () => {
  it('an upstream with a certificate of an unknown authority is refused, and reached with the option ca', async () => {
    const { open: _, port: __, ...upstream } = await secure()
    const [strict, trusting] = [await poolOf(upstream), await poolOf({ ...upstream, ca: authority.ca })]
    expect((await strict.fetch(`${strict.baseURL}/models`)).status).toBe(502)
    expect((await trusting.fetch(`${trusting.baseURL}/models`)).status).toBe(200)
  })

  it.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n'])(
    '%j is refused as the option ca',
    (ca) => {
      expect(() => new KeyPool({ keys: ['sk-one'], ca })).toThrow(/^ca must be certificates in PEM form/)
    },
  )

  it('a proxy and an authority are refused beside a transport, which would leave them out', () => {
    const transport = { dispatch: () => ({ pause() {}, resume() {}, abort() {} }), close: async () => {} }
    expect(() => new KeyPool({ transport, proxy: 'http://a:canary@b' })).toThrow(
      /^proxy does not go with a transport(?!.*canary)/,
    )
    expect(() => new KeyPool({ transport, ca: authority.ca })).toThrow(/^ca does not go with a transport/)
  })
})
