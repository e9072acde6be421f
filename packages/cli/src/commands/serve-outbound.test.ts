import { request } from 'node:http'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import type { RunOptions } from '../testing/run-environment.js'
import { type Served, startServer } from '../testing/served.js'
import { serving } from '../testing/serving.js'

const scenario = makeScenario({ accounts: 1 })
const [one = ''] = keysOf(scenario)
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
  await ensureBuilt()
})
afterAll(() => upstream.close())

const serve = (home: Home, args: readonly string[], options: RunOptions = {}): Promise<Served> =>
  startServer(home, { args, options, upstream })

/** A proxy that forwards requests, and the addresses that it was asked for. */
async function forwarding(): Promise<{ host: string; asked: string[] }> {
  const asked: string[] = []
  const origin = await serving(({ method, url = '', headers }, response) => {
    asked.push(url)
    const onward = request(url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.end()
  })
  return { host: new URL(origin).host, asked }
}

describe('serve behind a proxy', () => {
  it('serve uses the proxy of the environment and says so, without its password', async () => {
    const { host, asked } = await forwarding()
    using home = createHome()
    await home.run(['add', one])
    await using served = await serve(home, [], { environment: { http_proxy: `http://user:canary@${host}` } })
    expect(served.running.stderr()).toContain(`through the proxy http://…@${host} (from the environment)`)
    expect(served.running.stderr()).not.toContain('canary')
    expect((await fetch(`${served.origin}/v1/models`)).status).toBe(200)
    expect(asked).toEqual([`${upstream.sites.cn.baseURL}/models`])
  })

  it('serve --proxy goes before the environment, and NO_PROXY before both', async () => {
    const { host, asked } = await forwarding()
    using home = createHome()
    await home.run(['add', one])
    const flags = ['--proxy', `http://${host}`]
    await using served = await serve(home, flags, { environment: { HTTP_PROXY: 'http://127.0.0.1:9' } })
    expect(served.running.stderr()).toContain(`through the proxy http://${host} (from --proxy)`)
    expect((await fetch(`${served.origin}/v1/models`)).status).toBe(200)
    expect(asked).toHaveLength(1)
    await using exempt = await serve(home, flags, { environment: { no_proxy: '127.0.0.0/8' } })
    expect(exempt.running.stderr()).not.toContain('through the proxy')
    expect((await fetch(`${exempt.origin}/v1/models`)).status).toBe(200)
    expect(asked).toHaveLength(1)
  })

  it('serve refuses a wrong proxy and a wrong authority, and names where they came from', async () => {
    using home = createHome()
    const wrong = await home.run(['serve', '--proxy', 'ftp://user:canary@a'])
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/proxy.*must be an http, https or socks5 URL.*--proxy/s),
    ])
    expect(wrong.stderr).not.toContain('canary')
    const named = await home.run(['serve'], { environment: { HTTPS_PROXY: 'ftp://a' } })
    expect([named.code, named.stderr]).toEqual([2, expect.stringContaining('HTTPS_PROXY must be')])
    const missing = await home.run(['serve', '--ca', 'missing.pem'])
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(/--ca \S*missing\.pem cannot be read/),
    ])
  })
})
