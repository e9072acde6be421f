import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureBuilt, isSetUp, starter } from '../testing/built.js'
import { createHome, type Home, type RunOptions } from '../testing/run-cli.js'
import { type Served, startServer } from '../testing/served.js'

const scenario = makeScenario({ accounts: 4 })
const keys = keysOf(scenario)
const [one = '', two = '', three = ''] = keys
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
  await ensureBuilt()
})
beforeEach(() => upstream.clearRequests())
afterEach(() => upstream.faults.clear())
afterAll(() => upstream.close())

const serve = (home: Home, args: readonly string[] = [], options: RunOptions = {}): Promise<Served> =>
  startServer(home, { args, options, upstream })

describe('serve', () => {
  it('relays with the stored keys, and says where it listens', async () => {
    using home = createHome()
    await home.run(['add', one, two])
    await using served = await serve(home)
    expect((await served.chat()).status).toBe(200)
    expect(served.running.stderr()).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n/)
    expect(upstream.requests.at(-1)?.key).toBe(one)
  })

  it('without a client key, lets no page of another origin spend the keys', async () => {
    using home = createHome()
    await home.run(['add', one])
    await using open = await serve(home)
    const visit = (origin: string): Promise<Response> =>
      fetch(`${open.origin}/v1/models`, { headers: { origin } })
    expect((await visit('https://page.example')).status).toBe(403)
    expect((await visit('http://localhost:5173')).status).toBe(200)
    await using guarded = await serve(home, ['--client-key', 'client-key-of-the-test'])
    const headers = { origin: 'https://page.example', 'x-api-key': 'client-key-of-the-test' }
    expect((await fetch(`${guarded.origin}/v1/models`, { headers })).status).toBe(200)
  })

  it('prints a line of JSON for scripts', async () => {
    using home = createHome()
    await using served = await serve(home, ['--json'])
    const line = JSON.parse(served.running.stdout())
    expect(line).toMatchObject({ event: 'listening', url: served.origin, host: '127.0.0.1', keys: 0 })
  })

  it('starts without keys, says how to add one, and serves it once it is added', async () => {
    using home = createHome()
    await using served = await serve(home)
    await served.running.seen(/no keys yet.*sfpool add <key>/)
    const refused = await served.chat()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({
      error: { code: 'no_keys', message: expect.stringContaining('sfpool add') },
    })
    await home.run(['add', one])
    await expect.poll(async () => (await served.chat()).status, { timeout: 5_000 }).toBe(200)
  })

  it('serves keys of the environment without storing them', async () => {
    using home = createHome()
    const environment = { SILICONFLOW_API_KEY: one, SILICONFLOW_API_KEY_1: two }
    await using served = await serve(home, [], { environment })
    expect(await served.keyCount()).toBe(2)
    expect((await served.chat()).status).toBe(200)
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(0)
  })

  it('lets only clients with the key in when one is set', async () => {
    using home = createHome()
    await home.run(['add', one])
    await using served = await serve(home, [], { environment: { LB_API_KEY: 'client,key' } })
    expect((await served.chat()).status).toBe(401)
    expect((await served.chat({ key: 'client,key' })).status).toBe(200)
  })

  it('logs each request on standard error, or not at all', async () => {
    using home = createHome()
    await home.run(['add', one])
    await using loud = await serve(home)
    await loud.chat()
    await loud.running.seen(/"path":"\/v1\/chat\/completions".*"outcome":"success"/)
    await using silent = await serve(home, ['--log-level', 'silent'])
    await silent.chat()
    silent.running.kill('SIGTERM')
    expect((await silent.running.ended).stderr).not.toContain('"path"')
  })
})

describe('a wrong start', () => {
  it('with a port that is in use says so in one line and ends with 2', async () => {
    using home = createHome()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await home.run(['serve', '--port', String(port)])
    other.close()
    expect([code, stderr]).toEqual([
      2,
      `error: port ${port} on 127.0.0.1 is in use; choose another with --port\n`,
    ])
  })

  it('on an address that others reach needs a client key', async () => {
    using home = createHome()
    const { code, stderr } = await home.run(['serve', '--host', '0.0.0.0', '--port', '0'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: host is open to other machines.*--client-key/)
  })

  it('with a key file that is not there ends with 2', async () => {
    using home = createHome()
    const { code, stderr } = await home.run(['serve', '--port', '0', '--keys', 'nowhere.txt'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/cannot read .*nowhere\.txt: there is no such file/),
    ])
  })

  it('of the demonstration with keys of one’s own is refused', async () => {
    using home = createHome()
    expect(await home.run(['serve', '--demo', '--keys', 'keys.txt'])).toMatchObject({ code: 2 })
  })
})

describe('a key file', () => {
  it('is followed: keys come and go with their lines', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `${one}\n${two}\n`)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    expect(await served.keyCount()).toBe(2)
    writeFileSync(home.path('keys.txt'), `${two}\n${three}\n`)
    await served.running.seen(/key file: 1 added, 1 removed; 2 keys in the pool/)
    for (let index = 0; index < 4; index++) await served.chat()
    expect(new Set(upstream.requests.map(({ key }) => key))).toEqual(new Set([two, three]))
  })

  it('is followed when it is replaced as a whole', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), one)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    for (const text of [`${one}\n${two}`, `${one}\n${two}\n${three}`]) {
      writeFileSync(home.path('keys.txt.new'), text)
      renameSync(home.path('keys.txt.new'), home.path('keys.txt'))
      await expect.poll(() => served.keyCount(), { timeout: 5_000 }).toBe(text.split('\n').length)
    }
  })

  it('with a bad line adds the good ones, names the line, and takes nothing away', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `${one}\n`)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    writeFileSync(home.path('keys.txt'), `${two}\noops\n`)
    await served.running.seen(/key file line 2: /)
    await served.running.seen(/keeping 1 key that it no longer lists/)
    expect(await served.keyCount()).toBe(2)
    writeFileSync(home.path('keys.txt'), '')
    await served.running.seen(/the file holds no key; keeping/)
    expect(await served.keyCount()).toBe(2)
  })

  it('takes away only what it brought', async () => {
    using home = createHome()
    await home.run(['add', one])
    writeFileSync(home.path('keys.txt'), `${one}\n${two}\n`)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    expect(await served.keyCount()).toBe(2)
    writeFileSync(home.path('keys.txt'), `${three}\n`)
    await served.running.seen(/1 added, 1 removed/)
    expect(await served.keyCount()).toBe(2)
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(1)
  })

  it('leaves a key that was added to the store meanwhile', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `${one}\n${two}\n`)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    await home.run(['add', one])
    await fetch(`${served.origin}/reload-keys`, {
      method: 'POST',
      headers: { 'x-api-key': 'admin-key-of-the-test' },
    })
    writeFileSync(home.path('keys.txt'), `${two}\n`)
    await expect.poll(() => served.running.stderr().includes('removed'), { timeout: 5_000 }).toBe(true)
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(1)
  })

  it('is read again by /reload-keys', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), one)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    writeFileSync(home.path('keys.txt'), `${one}\n${two}`)
    const headers = { 'x-api-key': 'admin-key-of-the-test' }
    const answer = await fetch(`${served.origin}/reload-keys`, { method: 'POST', headers })
    expect(await answer.json()).toMatchObject({ success: true, keyCount: 2 })
  })
})

describe('the end of a server', () => {
  const slowly = () => upstream.settings.update({ eventMs: 50, replyTokens: 20 })
  afterEach(() => upstream.settings.update({ eventMs: 0, replyTokens: 16 }))

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s lets a running stream finish, then comes with 0',
    async (signal) => {
      using home = createHome()
      await home.run(['add', one])
      await using served = await serve(home)
      slowly()
      const response = await served.chat({ stream: true })
      served.running.kill(signal)
      await served.running.seen(/stopping/)
      await expect(fetch(`${served.origin}/healthz`)).rejects.toThrow()
      expect(await response.text()).toMatch(/data: \[DONE\]\s*$/)
      expect(await served.running.ended).toMatchObject({ code: 0, signal: null })
    },
  )

  it('cuts what still runs when the time is up', async () => {
    using home = createHome()
    await home.run(['add', one])
    await using served = await serve(home, ['--shutdown-timeout', '100'])
    upstream.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const cut = expect(served.chat()).rejects.toThrow()
    await expect.poll(() => upstream.requests.length).toBe(1)
    served.running.kill('SIGTERM')
    expect(await served.running.ended).toMatchObject({ code: 0, stderr: expect.stringContaining('were cut') })
    await cut
  })

  it('comes at once on a second signal', async () => {
    using home = createHome()
    await home.run(['add', one])
    await using served = await serve(home)
    upstream.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const cut = expect(served.chat()).rejects.toThrow()
    await expect.poll(() => upstream.requests.length).toBe(1)
    served.running.kill('SIGINT')
    await served.running.seen(/stopping/)
    // A repetition within a moment is npm passing on the terminal's signal, not the user's second wish.
    const repeat = setInterval(() => served.running.kill('SIGINT'), 350)
    const { code } = await served.running.ended
    clearInterval(repeat)
    expect(code).toBe(0)
    await cut
  })

  it('by kill -9 loses no key that was added', async () => {
    using home = createHome()
    const first = await serve(home)
    expect(await home.run(['add', one])).toMatchObject({ code: 0 })
    first.running.kill('SIGKILL')
    await first.running.ended
    await using second = await serve(home)
    expect(await second.keyCount()).toBe(1)
    expect((await second.chat()).status).toBe(200)
  })
})

describe('the demonstration', () => {
  it('answers the line it tells to paste', async () => {
    using home = createHome()
    await using running = home.start(['serve', '--demo', '--port', '0'])
    const [, url = '', type = '', body = ''] = await running.seen(/curl -i (\S+) -H '([^']+)' -d '([^']+)'/)
    const [name = '', value = ''] = type.split(': ')
    const response = await fetch(url, { method: 'POST', headers: { [name]: value }, body })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sfpool-attempts')).toBe('1')
  })

  it.skipIf(!isSetUp())('is what npm start serves, unless the arguments name keys', async () => {
    using home = createHome()
    // Without npm in reach the set-up can only find that there is nothing to do.
    const environment = { PATH: '' }
    await using demo = home.start(['--port', '0'], { program: starter, environment })
    await demo.seen(/sample keys on a simulated upstream/)
    demo.kill('SIGTERM')
    expect((await demo.ended).code).toBe(0)
    writeFileSync(home.path('keys.txt'), one)
    await using real = home.start(['--port', '0', '--keys', 'keys.txt'], { program: starter, environment })
    await real.seen(/listening on/)
    expect(real.stderr()).not.toContain('demo')
  })
})
