import { writeFileSync } from 'node:fs'
import { fingerprint } from '@sfpool/core'
import { keysOf, makeScenario, type Simulator, startSimulator } from '@sfpool/simulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { type Served, startServer } from '../testing/served.js'

const scenario = makeScenario({ accounts: 3 })
const [one = '', two = '', three = ''] = keysOf(scenario)
let upstream: Simulator

beforeAll(async () => {
  upstream = await startSimulator({ scenario })
  await ensureBuilt()
})
beforeEach(() => upstream.clearRequests())
afterEach(() => upstream.faults.clear())
afterAll(() => upstream.close())

const serve = (home: Home, args: readonly string[] = []): Promise<Served> =>
  startServer(home, { args, options: {}, upstream })

describe('policy of serve', () => {
  const configure = (home: Home, settings: object): void =>
    writeFileSync(home.path('sfpool.config.json'), JSON.stringify(settings))

  it('serve takes its policy from the settings file', async () => {
    using home = createHome()
    await home.run(['add', one, '--label', 'first'])
    await home.run(['add', two, three])
    configure(home, {
      strategy: 'sequential',
      rules: { models: { 'Qwen/*': { deny: ['first'] } } },
      limits: { models: { 'Qwen/*': { RPM: 2 } } },
      queue: { limit: 0 },
    })
    await using served = await serve(home)
    const statuses: number[] = []
    for (let index = 0; index < 5; index++) statuses.push((await served.chat()).status)
    expect(statuses).toEqual([200, 200, 200, 200, 429])
    expect(upstream.requests.map(({ key }) => key)).toEqual([two, two, three, three])
  })

  it('serve accepts every strategy by name', async () => {
    using home = createHome()
    await home.run(['add', one])
    for (const name of ['fastest', 'sticky', 'weighted-score']) {
      await using served = await serve(home, ['--strategy', name])
      expect((await served.chat()).status).toBe(200)
    }
  })

  it.each([
    [{ queue: { limit: 'many' } }, 'queue.limit must be a number; received "many"', 'queue'],
    [{ mode: 'single', selected: ['nobody'] }, 'selected must name keys of the pool', 'selected'],
    [
      { strategy: { name: 'weighted' } },
      "strategy.name must name 'weighted-score', 'fastest' or 'sticky'",
      'strategy',
    ],
  ])('serve refuses a wrong policy before it listens: %j', async (settings, message, name) => {
    using home = createHome()
    await home.run(['add', one])
    configure(home, settings)
    const { code, stdout, stderr } = await home.run(['serve', '--port', '0', '--json'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`error: ${message}`)
    expect(stderr).toContain(`(from ${home.path('sfpool.config.json')} at ${name})\n`)
  })

  it('the policy of serve may name keys of a key file', async () => {
    using home = createHome()
    await home.run(['add', one])
    writeFileSync(home.path('keys.txt'), two)
    configure(home, { mode: 'selected', selected: [fingerprint(two)] })
    await using served = await serve(home, ['--keys', 'keys.txt'])
    for (let index = 0; index < 2; index++) await served.chat()
    expect(upstream.requests.map(({ key }) => key)).toEqual([two, two])
  })

  it('serve --demo serves its own keys despite a key mode in the settings', async () => {
    using home = createHome()
    configure(home, { mode: 'selected', selected: ['mine'] })
    await using running = home.start(['serve', '--demo', '--port', '0'])
    const [, origin = ''] = await running.seen(/listening on (http:\S+)/)
    expect((await fetch(`${origin}/v1/models`)).status).toBe(200)
  })

  it('serve sends a trace to administrators, and with --trace to every client', async () => {
    using home = createHome()
    await home.run(['add', one, two])
    await using served = await serve(home)
    upstream.faults.add({ fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 1 })
    const traced = await served.chat({ key: 'admin-key-of-the-test' })
    expect(JSON.parse(traced.headers.get('x-sfpool-trace') ?? '')).toMatchObject({
      attempts: [{ key: fingerprint(one), outcome: 'rate-limited', status: 429 }, { key: fingerprint(two) }],
    })
    expect((await served.chat()).headers.get('x-sfpool-trace')).toBeNull()
    await using open = await serve(home, ['--trace'])
    expect((await open.chat()).headers.get('x-sfpool-trace')).toContain('"attempts"')
  })
})
