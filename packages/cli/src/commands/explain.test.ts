import { writeFileSync } from 'node:fs'
import { fingerprint, type Snapshot } from '@sfpool/core'
import { sqliteStore } from '@sfpool/core/sqlite'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { testKey } from '../testing/test-key.js'

const secrets = [testKey('one'), testKey('two'), testKey('three')]
const [one = '', two = '', three = ''] = secrets
const [firstId, secondId, thirdId] = secrets.map(fingerprint)
const model = 'deepseek-ai/DeepSeek-V3'
const hourMs = 3_600_000

beforeAll(ensureBuilt)

/** Creates a home with three keys with balances from 1 to 3. The first has a label and a named account. */
async function filledHome(): Promise<Home> {
  const home = createHome()
  const flags = ['--store', 'file:pool.db']
  await home.run(['add', one, '--label', 'first', '--account', 'acme', '--balance', '1', ...flags])
  await home.run(['add', two, '--balance', '2', ...flags])
  await home.run(['add', three, '--balance', '3', ...flags])
  return home
}

const explain = (home: Home, ...flags: string[]) =>
  home.run(['explain', '--store', 'file:pool.db', '--model', model, ...flags])

const explained = async (home: Home, ...flags: string[]) =>
  JSON.parse((await explain(home, '--json', ...flags)).stdout)

const configure = (home: Home, settings: object): void =>
  writeFileSync(home.path('sfpool.config.json'), JSON.stringify(settings))

async function stored(home: Home): Promise<Snapshot & { revision: number }> {
  const store = await sqliteStore({ path: home.path('pool.db') })
  const snapshot = { ...(await store.load()), revision: await store.revision() }
  await store.close()
  return snapshot
}

/** The first account cools down on the model for two hours. The cooldowns of the second key and third account just ended. */
async function trouble(home: Home): Promise<void> {
  const { keyStates, accountStates } = await stored(home)
  const store = await sqliteStore({ path: home.path('pool.db') })
  const now = Date.now()
  const cooldown = { model, since: now, until: now + 2 * hourMs, reason: 'rate-limited', strikes: 1 } as const
  const health = { status: 'cooling', until: now - 1, reason: 'unauthorized', strikes: 1 } as const
  const accounts = accountStates.map((state) => {
    if (state.id === 'acme') return { ...state, cooldowns: [{ ...cooldown, meter: 'TPM' as const }] }
    return state.id === thirdId ? { ...state, health } : state
  })
  await store.saveStates(
    keyStates.map((state) =>
      state.id === secondId ? { ...state, health: { ...health, trouble: 'refused' } } : state,
    ),
    accounts,
  )
  await store.close()
}

describe('explain', () => {
  it('explain --json prints the chosen key and why each other key would not serve', async () => {
    using home = await filledHome()
    await home.run(['disable', three, '--store', 'file:pool.db'])
    expect(await explained(home)).toEqual({
      model,
      chosen: firstId,
      keys: [
        {
          id: firstId,
          key: expect.stringMatching(/^sk-on….{3}e$/),
          label: 'first',
          account: 'acme',
          eligible: true,
          why: 'serves next',
          until: null,
        },
        expect.objectContaining({ id: secondId, eligible: true, why: 'eligible, not its turn' }),
        expect.objectContaining({ id: thirdId, eligible: false, why: 'disabled by the operator' }),
      ],
    })
  })

  it('explain prints a table in which the chosen key is marked', async () => {
    using home = await filledHome()
    await trouble(home)
    const { code, stdout, stderr } = await explain(home)
    expect(code).toBe(0)
    const [head, first, , third] = stdout.split('\n')
    expect(head).toMatch(/^ +KEY +LABEL +ACCOUNT +ELIGIBLE +WHY +ID +UNTIL$/)
    expect(first).toMatch(
      /^ +sk-on…\S+ +first +acme +no +cooling on deepseek-ai\/DeepSeek-V3: rate-limited \(TPM\).* key_\w+ +in 2h$/,
    )
    expect(third).toMatch(/^→ +sk-th…\S+ +yes +serves next +key_\w+$/)
    expect(stderr).toMatch(/^sk-th…\S+ serves deepseek-ai\/DeepSeek-V3 next; \d of 3 keys eligible\n$/)
  })

  it('explain reports when no key would serve, and when the first one may be back', async () => {
    using home = await filledHome()
    await trouble(home)
    await home.run(['disable', two, three, '--store', 'file:pool.db'])
    expect(await explain(home)).toMatchObject({
      code: 0,
      stderr: `no key would serve ${model} now; the first key may be back in 2h\n`,
    })
  })

  it('explain says how to add a key when the pool has none', async () => {
    using home = createHome()
    expect(await home.run(['explain'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'no keys yet; add one with: sfpool add <key>\n',
    })
    expect(JSON.parse((await home.run(['explain', '--json'])).stdout)).toEqual({
      model: '',
      chosen: null,
      keys: [],
    })
  })

  it('explain includes keys of the environment and of a key file, as a server does', async () => {
    using home = createHome()
    const environment = { SILICONFLOW_API_KEY: one }
    configure(home, { keys: 'keys.txt', strategy: 'high-balance' })
    writeFileSync(home.path('keys.txt'), `${two} 12.50\n`)
    const { stdout } = await home.run(['explain', '--json'], { environment })
    expect(JSON.parse(stdout)).toMatchObject({ chosen: secondId, keys: [{ id: firstId }, { id: secondId }] })
    writeFileSync(home.path('sfpool.config.json'), '{}')
    expect(JSON.parse((await home.run(['list', '--json'])).stdout).total).toBe(0)
  })
})

it('explain does not change the store, not even cooldowns that have ended', async () => {
  using home = await filledHome()
  await trouble(home)
  const before = await stored(home)
  const environment = { SILICONFLOW_API_KEY: testKey('temporary') }
  const { code, stdout } = await home.run(['explain', '--store', 'file:pool.db'], { environment })
  expect(code).toBe(0)
  expect(stdout).toContain('SILICONFLOW_API_KEY')
  expect(await stored(home)).toEqual(before)
})

describe('explain with the settings of a server', () => {
  it('explain uses the strategy and the rules for large requests, streams and models', async () => {
    using home = await filledHome()
    configure(home, {
      strategy: 'sequential',
      rules: {
        large: { strategy: 'high-balance', aboveTokens: 1_000 },
        stream: { name: 'weighted-score', weights: { balance: 1 } },
        models: { 'Pro/*': { strategy: 'low-balance', deny: ['first'] } },
      },
    })
    expect((await explained(home)).chosen).toBe(firstId)
    expect((await explained(home, '--tokens', '1000')).chosen).toBe(firstId)
    expect((await explained(home, '--tokens', '1001')).chosen).toBe(thirdId)
    expect((await explained(home, '--stream')).chosen).toBe(thirdId)
    expect(await explained(home, '--model', 'Pro/some-model')).toMatchObject({
      chosen: secondId,
      keys: [{ why: 'not for Pro/some-model by rules.models' }, { why: 'serves next' }, {}],
    })
    expect((await explained(home, '--strategy', 'high-balance')).chosen).toBe(thirdId)
  })

  it('explain uses the key mode, also when it excludes every key', async () => {
    using home = await filledHome()
    configure(home, { mode: 'single', selected: ['first'] })
    expect(await explained(home)).toMatchObject({
      chosen: firstId,
      keys: [{ eligible: true }, { why: 'left out by the key mode' }, { why: 'left out by the key mode' }],
    })
    configure(home, { mode: 'selected', selected: ['nobody'] })
    expect(await explained(home)).toMatchObject({ chosen: null })
  })

  it('explain uses the limits', async () => {
    using home = await filledHome()
    configure(home, { limits: { accounts: { acme: { '*': { TPM: 100 } } } } })
    expect((await explained(home, '--tokens', '100')).keys[0]).toMatchObject({ eligible: true })
    expect((await explained(home, '--tokens', '101')).keys[0]).toMatchObject({
      eligible: false,
      why: `at its limit on ${model}`,
    })
  })

  it.each([
    [
      { limits: { models: { '*': { RPM: -1 } } } },
      'limits.models.*.RPM must not be negative; received -1',
      'limits',
    ],
    [{ strategy: 'best' }, 'strategy must be one of round-robin,', 'strategy'],
    [{ mode: 'selected' }, "selected must name at least one key with mode 'selected'", 'mode'],
    [{ rules: { modles: {} } }, 'rules.modles is not an option', 'rules'],
  ])('explain exits with 2 for settings that a server would refuse: %j', async (settings, message, name) => {
    using home = await filledHome()
    configure(home, settings)
    const { code, stdout, stderr } = await explain(home)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(`error: ${message}`)
    expect(stderr).toContain(`(from ${home.path('sfpool.config.json')} at ${name})\n`)
    expect((await home.run(['list', '--store', 'file:pool.db'])).code).toBe(0)
  })
})

it('explain --watch explains again every two seconds, as the store is then, until it is interrupted', async () => {
  using home = createHome()
  await home.run(['add', testKey('watched'), '--label', 'watched'])
  await using watching = home.start(['explain', '--watch', '--json'])
  await watching.seen(/"eligible":true/)
  await home.run(['disable', 'watched'])
  await watching.seen(/"eligible":false/)
  watching.kill('SIGINT')
  expect(await watching.ended).toMatchObject({ code: 130 })
})
