import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AccountInput,
  type FaultRuleInput,
  fakeKey,
  type Scenario,
  type Simulator,
  startSimulator,
} from '@sfpool/simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deepseek } from '../../provider/deepseek.js'
import { generic } from '../../provider/generic.js'
import type { Provider } from '../../provider/provider.js'
import { siliconflow } from '../../provider/siliconflow.js'
import { ModelTimeouts } from '../../relay/attempt/timeouts.js'
import { Upstream } from '../../relay/attempt/upstream.js'
import { systemRuntime } from '../../runtime/runtime.js'
import { undiciTransport } from '../../transport/undici-transport.js'
import { Checker, type Finding, type ProbeName } from './checker.js'
import { UnsupportedEndpoints } from './unsupported-endpoints.js'

interface SetUp {
  readonly simulator: Simulator
  readonly paths: () => string[]
  ask(name: string, probe?: ProbeName, more?: { site?: string; model?: string }): Promise<Finding>
}

const account = (id: string, more: Partial<AccountInput> = {}): AccountInput => ({
  id,
  keys: [fakeKey(id)],
  money: { charged: '10' },
  ...more,
})

async function setUp(
  scenario: Scenario,
  providerAt = (simulator: Simulator): Provider =>
    siliconflow({ sites: { cn: simulator.sites.cn.baseURL, com: simulator.sites.com.baseURL } }),
): Promise<SetUp> {
  const simulator = await startSimulator({ scenario })
  const transport = undiciTransport()
  onTestFinished(async () => {
    await transport.close()
    await simulator.close()
  })
  const timeouts = new ModelTimeouts({ connect: 10_000, firstByte: 0, firstOutput: 0, idle: 0, total: 0 })
  const upstream = new Upstream({
    provider: providerAt(simulator),
    transport,
    timeouts,
    runtime: systemRuntime,
  })
  const unsupported = new UnsupportedEndpoints()
  return {
    simulator,
    paths: () => simulator.requests.map(({ site, path }) => `${site} ${path.replace('/v1', '')}`),
    ask: (name, probe = 'models', { site = upstream.provider.site, model } = {}) =>
      new Checker({ upstream, probe, model, unsupported }).try(
        { site, token: fakeKey(name) },
        { timeoutMs: 5_000 },
      ),
  }
}

const classic = { regime: 'classic' } as const

describe('an answer that does not come from an API', () => {
  it.each([
    ['a page', { status: 200, body: '<html>Please log in</html>' }],
    ['an empty answer', { status: 204, body: '' }],
    ['a redirect', { status: 302, body: '{}' }],
  ])('%s in answer to a probe says nothing about the key', async (_, { status, body }) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { location: '/login' }).end(status === 204 ? undefined : body)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    const { ask } = await setUp({ accounts: [] }, () => generic(`http://127.0.0.1:${port}`))
    for (const probe of ['models', 'chat'] as const) {
      const { ruling } = await ask('any', probe, { model: 'm' })
      expect(ruling).toMatchObject({ verdict: 'unknown', cause: 'request' })
      expect(ruling.reason).toBe(`the answer is none of an API (HTTP ${status})`)
    }
  })
})

describe('a key that its site refuses', () => {
  it('a refused key belongs to another site only when that site accepts it', async () => {
    const { ask, paths } = await setUp({ accounts: [account('abroad', { site: 'com' })] })
    expect((await ask('abroad')).ruling).toMatchObject({ verdict: 'wrong-site', rightSite: 'com' })
    expect((await ask('unknown')).ruling).toMatchObject({ verdict: 'invalid' })
    expect((await ask('abroad', 'models', { site: 'com' })).ruling).toMatchObject({ verdict: 'valid' })
    expect(paths()).toEqual(['cn /models', 'com /models', 'cn /models', 'com /models', 'com /models'])
  })

  it.each(['balance', 'chat'] as const)(
    'a refused key is tried at other sites by a free request, also by the probe %s',
    async (probe) => {
      const { ask, paths } = await setUp({
        accounts: [account('abroad', { site: 'com', status: 'disabled' })],
      })
      expect((await ask('abroad', probe)).ruling).toMatchObject({ verdict: 'wrong-site', rightSite: 'com' })
      expect(paths().at(-1)).toBe('com /models')
    },
  )

  it('a refused key is invalid, with a remark, when the other site cannot be asked', async () => {
    const { ask, simulator } = await setUp({ accounts: [account('abroad', { site: 'com' })] })
    simulator.faults.add({ when: { site: 'com' }, fault: { kind: 'error', name: 'overloaded' } })
    expect((await ask('abroad')).ruling).toMatchObject({
      verdict: 'invalid',
      reason: 'Token is invalid. (HTTP 401 code 30014); com could not be asked',
    })
  })

  it('a refused key of a custom base URL is sent to no other site', async () => {
    const { ask, paths } = await setUp({ accounts: [account('abroad', { site: 'com' })] }, ({ sites }) =>
      siliconflow({ baseURL: sites.cn.baseURL }),
    )
    expect((await ask('abroad')).ruling.verdict).toBe('invalid')
    expect(paths()).toEqual(['cn /models'])
  })
})

describe('the probe “models”', () => {
  it('the probe “models” says nothing about money, and asks no model', async () => {
    const { ask, paths } = await setUp({ accounts: [account('empty', { money: {} })] })
    expect((await ask('empty')).ruling).toEqual({
      verdict: 'valid',
      reason: 'accepted by the upstream',
      next: null,
    })
    expect(paths()).toEqual(['cn /models'])
  })
})

describe('the probe “balance”', () => {
  it('the probe “balance” asks once where the site reports balances', async () => {
    const accounts = [
      account('rich', { money: { gift: '0.88', charged: '88.00' } }),
      account('empty', { money: {} }),
    ]
    const { ask, paths } = await setUp({ accounts, settings: classic })
    const rich = await ask('rich', 'balance')
    expect(rich.ruling).toMatchObject({
      verdict: 'valid',
      reason: expect.stringContaining('balance 88.88 CNY'),
    })
    expect(rich.reported?.reading).toMatchObject({ charged: '88.00', gift: '0.88', account: 'rich' })
    expect(rich.reported?.balance.funds).toEqual({ charged: '88.00', gift: '0.88' })
    expect((await ask('empty', 'balance')).ruling).toMatchObject({
      verdict: 'exhausted',
      reason: 'balance 0.00 CNY, vouchers not counted: only a chat probe finds those',
    })
    expect((await ask('unknown', 'balance')).ruling.verdict).toBe('invalid')
    expect(paths()).toEqual(['cn /user/info', 'cn /user/info', 'cn /user/info', 'com /models'])
  })

  it('the probe “balance” asks for the models where the endpoint is gone, and remembers that by site', async () => {
    const accounts = [account('a'), account('b', { site: 'com' })]
    const { ask, paths } = await setUp({ accounts })
    const first = await ask('a', 'balance')
    expect(first.ruling).toMatchObject({
      verdict: 'valid',
      reason: 'accepted by the upstream; the upstream no longer tells balances',
    })
    expect(first.reported?.balance).toMatchObject({ amount: null, source: 'unsupported' })
    await ask('a', 'balance')
    await ask('b', 'balance', { site: 'com' })
    expect(paths()).toEqual(['cn /user/info', 'cn /models', 'cn /models', 'com /user/info', 'com /models'])
  })

  it('the probe “balance” does not blame the key for a failing endpoint', async () => {
    const { ask, simulator } = await setUp({ accounts: [account('a')], settings: classic })
    const forbidden: FaultRuleInput = {
      when: { path: 'user/info' },
      fault: { kind: 'error', name: 'forbidden' },
    }
    simulator.faults.add(forbidden)
    expect((await ask('a', 'balance')).ruling.verdict).toBe('valid')
  })

  it('the probe “balance” reads DeepSeek’s endpoint', async () => {
    const { ask, simulator } = await setUp({ accounts: [account('a')] }, ({ sites }) =>
      deepseek(sites.cn.baseURL),
    )
    const balance_infos = [{ currency: 'CNY', total_balance: '110.00' }]
    const body = { is_available: true, balance_infos }
    simulator.faults.add({ when: { path: 'user/balance' }, fault: { kind: 'answer', status: 200, body } })
    expect(await ask('a', 'balance')).toMatchObject({
      ruling: { verdict: 'valid' },
      reported: { balance: { amount: '110.00', currency: 'CNY', source: 'known' } },
    })
  })
})

describe('the probe “chat”', () => {
  it.each<[string, Partial<AccountInput>, Finding['ruling']['verdict']]>([
    ['with money', {}, 'valid'],
    ['with vouchers alone', { money: { voucher: '1' } }, 'valid'],
    ['without money', { money: {} }, 'exhausted'],
    ['that is not verified', { status: 'unverified' }, 'restricted'],
    ['that is closed', { status: 'disabled' }, 'disabled'],
    ['that is expired', { status: 'expired' }, 'disabled'],
    ['at its limit', { limits: { '*': { rpm: 0 } } }, 'limited'],
  ])('the probe “chat” rules on an account %s', async (_, more, verdict) => {
    const { ask, paths } = await setUp({ accounts: [account('a', more)] })
    expect((await ask('a', 'chat')).ruling.verdict).toBe(verdict)
    expect(paths()).toEqual(['cn /chat/completions'])
  })

  it('the probe “chat” spends one token of a cheap model', async () => {
    const { ask, simulator } = await setUp({ accounts: [account('a')] })
    const { ruling } = await ask('a', 'chat')
    expect(ruling.reason).toBe('deepseek-ai/DeepSeek-V4-Flash answered')
    const [entry] = simulator.accounts.get('a')?.ledger ?? []
    expect(entry?.usage.outputTokens).toBe(1)
    expect(Number(entry?.cost)).toBeGreaterThan(0)
    expect(Number(entry?.cost)).toBeLessThan(0.001)
  })

  it('the probe “chat” asks the named model, and rules by its price', async () => {
    const { ask } = await setUp({
      accounts: [account('vouchers', { money: { voucher: '1' } }), account('empty', { money: {} })],
    })
    const pro = await ask('vouchers', 'chat', { model: 'Pro/deepseek-ai/DeepSeek-V3' })
    expect(pro.ruling).toMatchObject({ verdict: 'restricted', restriction: 'charged-only' })
    const free = await ask('empty', 'chat', { model: 'Qwen/Qwen3-8B' })
    expect(free.ruling).toMatchObject({
      verdict: 'valid',
      reason: 'Qwen/Qwen3-8B answered, which costs nothing and tells nothing of money',
    })
  })

  it('the probe “chat” of a model that does not exist finds nothing out', async () => {
    const { ask } = await setUp({ accounts: [account('a')] })
    expect((await ask('a', 'chat', { model: 'no/such-model' })).ruling).toMatchObject({
      verdict: 'unknown',
      cause: 'model',
      next: 'Name another model to ask.',
    })
  })
})
