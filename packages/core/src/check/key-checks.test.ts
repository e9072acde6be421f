import {
  type AccountInput,
  type RecordedRequest,
  type Scenario,
  type Simulator,
  startSimulator,
} from '@sfpool/simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeToken } from '../key/testing/make-key.js'
import { KeyPool } from '../pool.js'
import type { PoolOptions } from '../pool-options.js'
import { fakeRuntime } from '../testing/fake-runtime.js'
import type { CheckOptions } from './check-options.js'
import type { Verdict } from './verdict.js'

const account = (name: string, more: Partial<AccountInput> = {}): AccountInput => ({
  id: name,
  keys: [fakeToken(name)],
  money: { charged: '10' },
  ...more,
})

interface SetUp {
  readonly pool: KeyPool
  readonly simulator: Simulator
  readonly asked: () => readonly RecordedRequest[]
  check(options?: CheckOptions): Promise<Verdict[]>
}

async function setUp(scenario: Scenario, options: PoolOptions = {}): Promise<SetUp> {
  const simulator = await startSimulator({ scenario })
  const keys = scenario.accounts.flatMap((each) =>
    each.keys.map((key) => ({ secret: typeof key === 'string' ? key : key.secret, account: each.id })),
  )
  const pool = new KeyPool({ keys, baseURL: simulator.sites.cn.baseURL, ...options })
  onTestFinished(async () => {
    await pool.close()
    await simulator.close()
  })
  return {
    pool,
    simulator,
    asked: () => simulator.requests,
    async check(given = {}) {
      const verdicts: Verdict[] = []
      for await (const verdict of pool.check({ retries: 0, ...given })) verdicts.push(verdict)
      return verdicts.toSorted((one, other) => one.index - other.index)
    },
  }
}

describe('a check of the pool’s own keys', () => {
  it('a check asks about each key once, by a free request, and gives its verdicts', async () => {
    const { check, asked } = await setUp({
      accounts: [
        account('fine'),
        account('closed', { status: 'disabled' }),
        account('gone', { keys: [{ secret: fakeToken('gone'), status: 'revoked' }] }),
      ],
    })
    const verdicts = await check()
    expect(verdicts.map(({ key, verdict }) => [key, verdict])).toEqual([
      ['sk-fa…fine', 'valid'],
      ['sk-fa…osed', 'disabled'],
      ['sk-fa…gone', 'invalid'],
    ])
    expect(verdicts.map(({ reason }) => reason)).toEqual([
      'accepted by the upstream',
      expect.stringContaining('HTTP 403 code 30002'),
      expect.stringContaining('HTTP 401 code 30014'),
    ])
    expect(asked().map(({ method, path }) => `${method} ${path}`)).toEqual(Array(3).fill('GET /v1/models'))
  })

  it('a check corrects the state of the pool’s keys, for better and for worse', async () => {
    const { pool, simulator, check } = await setUp({
      accounts: [account('a'), account('b', { status: 'disabled' })],
    })
    await pool.ready
    await check()
    expect(pool.keys.list().map(({ status }) => status)).toEqual(['ready', 'invalid'])
    simulator.accounts.update('b', { status: 'ok' })
    ;(await pool.acquire()).settle('unauthorized')
    await check()
    expect(pool.keys.list().map(({ status }) => status)).toEqual(['ready', 'ready'])
  })

  it('a chat check corrects the balance: a refusal empties the estimate, an answer refutes an empty one', async () => {
    const accounts = [account('spent', { money: { charged: '0' } }), account('paid')]
    const { pool, check } = await setUp({ accounts })
    await pool.ready
    const [spent, paid] = pool.keys.list()
    await pool.keys.update(spent?.id ?? '', { balance: '12.50' })
    await pool.keys.update(paid?.id ?? '', { balance: '0' })
    const emitted: unknown[] = []
    pool.on(
      'balance-updated',
      ({ account, balance }) => void emitted.push([account, balance.amount, balance.source]),
    )
    const verdicts = await check({ probe: 'chat' })
    expect(verdicts.map(({ verdict, balance }) => [verdict, balance?.amount, balance?.source])).toEqual([
      ['exhausted', '0.00', 'estimated'],
      ['valid', null, 'unknown'],
    ])
    expect(emitted.toSorted()).toEqual([
      ['paid', null, 'unknown'],
      ['spent', '0.00', 'estimated'],
    ])
  })

  it('a free check leaves cooldowns and lack of money as they are, and changes nothing on an overload', async () => {
    const { pool, simulator, check } = await setUp({ accounts: [account('a')] })
    ;(await pool.acquire({ model: 'm' })).settle('rate-limited')
    ;(await pool.acquire()).settle('insufficient-balance')
    const [before] = pool.keys.list()
    expect((await check())[0]).toMatchObject({
      verdict: 'exhausted',
      reason: 'accepted by the upstream; out of money when it was last used',
    })
    simulator.faults.add({ fault: { kind: 'error', name: 'overloaded' } })
    expect((await check())[0]).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('HTTP 503'),
    })
    const [after] = pool.keys.list()
    expect(after).toMatchObject({ status: before?.status, cooldowns: before?.cooldowns })
  })

  it('a check is tried again when the answer says nothing about the key, twice by default', async () => {
    const runtime = fakeRuntime()
    const { pool, simulator, asked } = await setUp({ accounts: [account('a')] }, { runtime })
    await pool.ready
    simulator.faults.add({ fault: { kind: 'error', name: 'overloaded' }, times: 2 })
    const verdicts: Verdict[] = []
    const checking = (async () => {
      for await (const verdict of pool.check()) verdicts.push(verdict)
    })()
    while (verdicts.length === 0) await runtime.advanceAsync(100)
    await checking
    expect(verdicts).toMatchObject([{ verdict: 'valid' }])
    expect(asked()).toHaveLength(3)
  })

  it('a check can be aborted after some verdicts', async () => {
    const { pool, simulator } = await setUp({
      accounts: Array.from({ length: 20 }, (_, n) => account(`a${n}`)),
    })
    await pool.ready
    const stop = new AbortController()
    let done = 0
    for await (const _ of pool.check({ concurrency: 1, signal: stop.signal })) if (++done === 5) stop.abort()
    expect(done).toBeLessThan(8)
    expect(simulator.requests.length).toBeLessThan(8)
  })
})

describe('a check of keys that the pool does not hold', () => {
  it('a check gives verdicts on foreign keys without adding them, and knows the pool’s own among them', async () => {
    const { pool, check } = await setUp(
      { accounts: [account('own'), account('other')] },
      { keys: [fakeToken('own')] },
    )
    const verdicts = await check({
      keys: [` ${fakeToken('other')}\n`, fakeToken('stranger'), fakeToken('own')],
    })
    expect(verdicts.map(({ key, verdict }) => [key, verdict])).toEqual([
      ['sk-fa…ther', 'valid'],
      ['sk-fa…nger', 'invalid'],
      ['sk-fa…0own', 'valid'],
    ])
    expect(verdicts.map(({ balance }) => balance === null)).toEqual([true, true, false])
    expect(verdicts[2]?.id).toBe(pool.keys.list()[0]?.id)
    expect(pool.keys.list()).toHaveLength(1)
  })
})

describe('a refreshed balance', () => {
  it('a refreshed balance is the upstream’s where it reports one, asked for once per account', async () => {
    const money = { gift: '0.88', charged: '88.00' }
    const { pool, asked } = await setUp({
      accounts: [account('a', { money, keys: [fakeToken('a1'), fakeToken('a2')] }), account('b')],
      settings: { regime: 'classic' },
    })
    const heard: string[] = []
    pool.on('balance-updated', ({ account, balance }) => void heard.push(`${account} ${balance.amount}`))
    expect(await pool.balance({ refresh: true })).toMatchObject({
      total: expect.stringMatching(/^98\.88/),
      currency: 'CNY',
      accounts: [
        { account: 'a', balance: { source: 'known' } },
        { account: 'b', balance: { source: 'known' } },
      ],
    })
    expect(asked()).toHaveLength(2)
    expect(heard).toHaveLength(2)
  })

  it('a refreshed balance keeps an operator’s amount when the upstream no longer reports balances', async () => {
    const scenario = { accounts: [account('a'), account('b')] }
    const keys = [{ secret: fakeToken('a'), balance: '12.50' }, fakeToken('b')]
    const { pool } = await setUp(scenario, { keys })
    const { total, accounts } = await pool.balance({ refresh: true })
    expect(total).toBe('12.50')
    expect(accounts.map(({ balance }) => balance.source)).toEqual(['estimated', 'unsupported'])
    expect(pool.keys.list().map(({ status }) => status)).toEqual(['ready', 'ready'])
  })

  it('a refreshed balance counts the accounts without an answer, refused keys apart', async () => {
    const { pool, simulator } = await setUp({
      accounts: [account('a'), account('b'), account('closed', { status: 'disabled' })],
      settings: { regime: 'classic' },
    })
    simulator.faults.add({ when: { account: 'b' }, fault: { kind: 'error', name: 'overloaded' } })
    expect((await pool.balance({ refresh: true })).unanswered).toBe(1)
    expect((await pool.balance()).unanswered).toBe(0)
  })

  it('a refreshed balance is not asked for with a key that the upstream refuses', async () => {
    const { pool, asked } = await setUp({ accounts: [account('a')], settings: { regime: 'classic' } })
    ;(await pool.acquire()).settle('unauthorized')
    await pool.balance({ refresh: true })
    expect(asked()).toHaveLength(0)
  })
})
