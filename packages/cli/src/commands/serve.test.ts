import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureBuilt, isSetUp, starter } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import type { RunOptions } from '../testing/run-environment.js'
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
  it('serve relays requests with the stored keys and prints its address', async () => {
    using home = createHome()
    await home.run(['add', one, two])
    await using served = await serve(home)
    expect((await served.chat()).status).toBe(200)
    expect(served.running.stderr()).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+\n/)
    expect(upstream.requests.at(-1)?.key).toBe(one)
  })

  it('serve without a client key refuses web pages of other origins', async () => {
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

  it('serve --json prints one line of JSON', async () => {
    using home = createHome()
    await using served = await serve(home, ['--json'])
    const line = JSON.parse(served.running.stdout())
    expect(line).toMatchObject({ event: 'listening', url: served.origin, host: '127.0.0.1', keys: 0 })
  })

  it('serve starts without keys, says how to add one, and serves a key once it is added', async () => {
    using home = createHome()
    await using served = await serve(home)
    await served.running.seen(/no keys yet.*sfpool add <key>/)
    const refused = await served.chat()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({
      error: { code: 'no_keys', message: expect.stringContaining('sfpool add') },
    })
    await home.run(['add', one])
    await expect.poll(async () => (await served.chat()).status).toBe(200)
  })

  it('serve uses keys of the environment without storing them', async () => {
    using home = createHome()
    const environment = { SILICONFLOW_API_KEY: one, SILICONFLOW_API_KEY_1: two }
    await using served = await serve(home, [], { environment })
    expect(await served.keyCount()).toBe(2)
    expect((await served.chat()).status).toBe(200)
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(0)
  })

  it('serve with a client key accepts only clients with that key', async () => {
    using home = createHome()
    await home.run(['add', one])
    await using served = await serve(home, [], { environment: { LB_API_KEY: 'client,key' } })
    expect((await served.chat()).status).toBe(401)
    expect((await served.chat({ key: 'client,key' })).status).toBe(200)
  })

  it('serve logs each request on standard error, or none with --log-level silent', async () => {
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

describe('failing start of serve', () => {
  it('serve with a port in use exits with 2 and one line', async () => {
    using home = createHome()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await home.run(['serve', '--port', String(port), '--store', 'memory:'])
    other.close()
    expect([code, stderr]).toEqual([
      2,
      `error: port ${port} on 127.0.0.1 is in use; choose another with --port\n`,
    ])
  })

  it('serve on an address that other machines reach requires a client key', async () => {
    using home = createHome()
    const { code, stderr } = await home.run(['serve', '--host', '0.0.0.0', '--port', '0'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: host is open to other machines.*--client-key/)
  })

  it('serve with a missing key file exits with 2', async () => {
    using home = createHome()
    const { code, stderr } = await home.run(['serve', '--port', '0', '--keys', 'nowhere.txt'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/cannot read .*nowhere\.txt: there is no such file/),
    ])
  })

  it('serve --demo refuses to run with the user’s own keys', async () => {
    using home = createHome()
    expect(await home.run(['serve', '--demo', '--keys', 'keys.txt'])).toMatchObject({ code: 2 })
  })
})

describe('key file of serve', () => {
  it('serve follows changes of the key file', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `${one}\n${two}\n`)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    expect(await served.keyCount()).toBe(2)
    writeFileSync(home.path('keys.txt'), `${two}\n${three}\n`)
    await served.running.seen(/key file: 1 added, 1 removed; 2 keys in the pool/)
    for (let index = 0; index < 4; index++) await served.chat()
    expect(new Set(upstream.requests.map(({ key }) => key))).toEqual(new Set([two, three]))
  })

  it('serve follows a key file that is replaced', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), one)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    for (const text of [`${one}\n${two}`, `${one}\n${two}\n${three}`]) {
      writeFileSync(home.path('keys.txt.new'), text)
      renameSync(home.path('keys.txt.new'), home.path('keys.txt'))
      await expect.poll(() => served.keyCount()).toBe(text.split('\n').length)
    }
  })

  it('a key file with a bad line adds its good keys, reports the line and removes nothing', async () => {
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

  it('a key file removes only keys that it added', async () => {
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

  it('a key file does not remove a key that was added to the store meanwhile', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), `${one}\n${two}\n`)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    await home.run(['add', one])
    await fetch(`${served.origin}/reload-keys`, {
      method: 'POST',
      headers: { 'x-api-key': 'admin-key-of-the-test' },
    })
    writeFileSync(home.path('keys.txt'), `${two}\n`)
    await expect.poll(() => served.running.stderr().includes('removed')).toBe(true)
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(1)
  })

  it('/reload-keys reads the key file again', async () => {
    using home = createHome()
    writeFileSync(home.path('keys.txt'), one)
    await using served = await serve(home, ['--keys', 'keys.txt'])
    writeFileSync(home.path('keys.txt'), `${one}\n${two}`)
    const headers = { 'x-api-key': 'admin-key-of-the-test' }
    const answer = await fetch(`${served.origin}/reload-keys`, { method: 'POST', headers })
    expect(await answer.json()).toMatchObject({ success: true, keyCount: 2 })
  })
})

describe('shutdown of serve', () => {
  const slowly = () => upstream.settings.update({ eventMs: 50, replyTokens: 20 })
  afterEach(() => upstream.settings.update({ eventMs: 0, replyTokens: 16 }))

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'serve lets a running stream finish after %s and exits with 0',
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

  it('serve cuts running requests after --shutdown-timeout', async () => {
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

  it('serve exits at once on a second signal', async () => {
    using home = createHome()
    await home.run(['add', one])
    await using served = await serve(home)
    upstream.faults.add({ fault: { kind: 'hang', at: 'before-headers' } })
    const cut = expect(served.chat()).rejects.toThrow()
    await expect.poll(() => upstream.requests.length).toBe(1)
    served.running.kill('SIGINT')
    await served.running.seen(/stopping/)
    // A second signal within a moment is npm forwarding the terminal's signal, not a second Ctrl-C.
    const repeat = setInterval(() => served.running.kill('SIGINT'), 350)
    const { code } = await served.running.ended
    clearInterval(repeat)
    expect(code).toBe(0)
    await cut
  })

  it('no added key is lost when serve is killed with SIGKILL', async () => {
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

describe('serve --demo', () => {
  it('serve --demo answers the command that it prints', async () => {
    using home = createHome()
    await using running = home.start(['serve', '--demo', '--port', '0'])
    const [, url = '', type = '', body = ''] = await running.seen(/curl -i (\S+) -H '([^']+)' -d '([^']+)'/)
    const [name = '', value = ''] = type.split(': ')
    const response = await fetch(url, { method: 'POST', headers: { [name]: value }, body })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sfpool-attempts')).toBe('1')
  })

  it.skipIf(!isSetUp())('npm start serves the demo unless the arguments name keys', async () => {
    using home = createHome()
    // Without npm on the path, the set-up can only pass when nothing has to be done.
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
