import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home, type Running } from '../testing/run-cli.js'

const scenario = makeScenario({ accounts: 2 })
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
  await ensureBuilt()
})
afterAll(() => upstream.close())

/** Starts a server that has answered three requests. */
async function busyServer(home: Home, ...flags: string[]): Promise<{ running: Running; origin: string }> {
  await home.run(['add', ...keysOf(scenario)])
  const running = home.start(['serve', '--port', '0', '--base-url', upstream.sites.cn.baseURL, ...flags])
  const [, origin = ''] = await running.seen(/listening on (http:\S+)/)
  for (let index = 0; index < 3; index++) {
    await fetch(`${origin}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer client-key-of-the-test' },
      body: JSON.stringify({ model: 'Qwen/Qwen3-8B', messages: [{ role: 'user', content: 'Hello' }] }),
    }).then((response) => response.text())
  }
  return { running, origin }
}

describe('stats of a running server', () => {
  it('stats of a running server shows requests, attempts, tokens, keys and models', async () => {
    using home = createHome()
    const { running, origin } = await busyServer(home)
    await using _ = running
    const { code, stdout } = await home.run(['stats', '--url', `${origin}/v1`])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^KEYS {6}2 keys: 2 ready\nREQUESTS {2}3 in \d+s, 100% successful\nATTEMPTS {2}3\nTOKENS {4}\d+ in, \d+ out\n/,
    )
    expect(stdout).toMatch(/KEY +STATUS +ATTEMPTS +OK +LAST USED\n/)
    expect(stdout).toMatch(/Qwen\/Qwen3-8B +3 +100%/)
  })

  it('stats --json prints the answer of the server', async () => {
    using home = createHome()
    const { running, origin } = await busyServer(home)
    await using _ = running
    const report = JSON.parse((await home.run(['stats', '--url', origin, '--json'])).stdout)
    expect(report).toMatchObject({
      requests: 3,
      successes: 3,
      totalKeys: 2,
      keyStats: [{ index: 1 }, { index: 2 }],
    })
  })

  it('stats of a running server shows how many requests wait for a key', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.json'), '{"limits":{"concurrency":{"pool":1}}}')
    const { running, origin } = await busyServer(home)
    await using _ = running
    const fault = upstream.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const abort = new AbortController()
    const asking = [1, 2].map(() =>
      expect(fetch(`${origin}/v1/models`, { signal: abort.signal })).rejects.toThrow(/abort/),
    )
    await expect
      .poll(async () => (await home.run(['stats', '--url', origin])).stdout)
      .toMatch(/^REQUESTS .* successful, 1 waiting for a key$/m)
    abort.abort()
    await Promise.all(asking)
    upstream.faults.remove(fault)
  })

  it('stats sends the admin key, and says so when one is required', async () => {
    using home = createHome()
    const { running, origin } = await busyServer(
      home,
      '--client-key',
      'client-key-of-the-test',
      '--admin-key',
      'admin-key-of-the-test',
    )
    await using _ = running
    expect(await home.run(['stats', '--url', origin])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--admin-key'),
    })
    const environment = { LB_ADMIN_KEY: 'admin-key-of-the-test' }
    expect((await home.run(['stats', '--url', origin], { environment })).code).toBe(0)
  })

  it('stats exits with 3 when no server or another kind of server answers', async () => {
    using home = createHome()
    const other = createServer((_, response) => response.end('{"hello":"world"}')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const origin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    expect(await home.run(['stats', '--url', origin])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('did not answer like an sfpool server'),
    })
    other.close()
    await once(other, 'close')
    expect(await home.run(['stats', '--url', origin])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('cannot reach'),
    })
  })

  it('stats --watch prints again until it is interrupted', async () => {
    using home = createHome()
    const { running, origin } = await busyServer(home)
    await using _ = running
    await using watching = home.start(['stats', '--url', origin, '--watch', '--json'])
    await watching.seen(/(\{.*\}\n){2}/)
    watching.kill('SIGINT')
    expect(await watching.ended).toMatchObject({ code: 130, stderr: '' })
  })
})

describe('stats of the store', () => {
  it('stats of the store shows what a server wrote there', async () => {
    using home = createHome()
    const { running } = await busyServer(home)
    running.kill('SIGTERM')
    await running.ended
    const report = JSON.parse((await home.run(['stats', '--json'])).stdout)
    expect(report).toMatchObject({ source: 'store', keys: { total: 2, ready: 2 }, attempts: 3, successes: 3 })
    expect(report.tokens.total).toBeGreaterThan(0)
    expect((await home.run(['stats'])).stdout).toMatch(/ATTEMPTS {2}3\n/)
  })
})
