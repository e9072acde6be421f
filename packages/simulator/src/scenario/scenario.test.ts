import { expect, test } from 'vitest'
import { startSimulator } from '../simulator.js'
import { ask, hello } from '../testing/ask.js'
import { running } from '../testing/running.js'
import { demoScenario } from './demo-scenario.js'
import { fakeKey } from './fake-key.js'
import { keysOf, makeScenario } from './make-scenario.js'
import { parseScenario } from './parse.js'
import type { Scenario } from './scenario.js'

const chat = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello }

test('fake keys have the form of real keys, are recognisable and differ from each other', () => {
  const keys = keysOf(makeScenario({ accounts: 200, keysPerAccount: 3 }))
  expect(new Set(keys).size).toBe(600)
  expect(keys.every((key) => /^sk-fake[a-z]{44}$/.test(key))).toBe(true)
  expect(keysOf(demoScenario()).every((key) => /^sk-demo[a-z]{44}$/.test(key))).toBe(true)
  expect(fakeKey('a', 1)).not.toBe(fakeKey('a', 'b', 'b'))
})

test('scenarios of both sites can be combined', async () => {
  const accounts = [
    ...makeScenario({ accounts: 2 }).accounts,
    ...makeScenario({ site: 'com', idPrefix: 'far' }).accounts,
  ]
  expect(keysOf({ accounts }, 'com')).toHaveLength(1)
  const { sim } = await running({}, { scenario: { accounts } })
  const [far] = keysOf({ accounts }, 'com')
  expect((await ask(`${sim.sites.com.baseURL}/models`, { key: far })).status).toBe(200)
})

test('the demo scenario has an account in every state', async () => {
  const { sim, keys } = await running({}, { scenario: demoScenario() })
  const statuses: Record<string, number[]> = {}
  for (const key of keys) {
    const account = sim.accounts.list().find((listed) => listed.keys.some(({ secret }) => secret === key))
    const { baseURL } = sim.sites[account?.site ?? 'cn']
    const { status } = await ask(`${baseURL}/chat/completions`, { key, body: chat })
    statuses[account?.id ?? ''] = [...(statuses[account?.id ?? ''] ?? []), status]
  }
  expect(statuses).toEqual({
    healthy: [200, 200],
    'voucher-only': [200],
    empty: [402],
    'low-rpm': [200],
    disabled: [403],
    'revoked-key': [401],
    overseas: [200],
  })
  const lowRpm = keysOf(demoScenario())[4]
  const more = []
  for (let index = 0; index < 3; index += 1) {
    more.push((await ask(`${sim.sites.cn.baseURL}/chat/completions`, { key: lowRpm, body: chat })).status)
  }
  expect(more).toEqual([200, 200, 429])
})

test('a simulator starts with the demo scenario by default', async () => {
  await using sim = await startSimulator()
  expect(sim.accounts.list().map(({ id }) => id)).toContain('healthy')
})

test('a scenario is plain JSON', () => {
  const scenario = makeScenario({
    faults: [{ fault: { kind: 'hang', at: 'before-headers' } }],
    settings: { eventMs: 5 },
  })
  expect(parseScenario(JSON.parse(JSON.stringify(scenario)))).toEqual(scenario)
  expect(parseScenario(JSON.parse(JSON.stringify(demoScenario())))).toEqual(demoScenario())
})

test.each([
  ['nonsense', 'scenario must be a scenario: accounts'],
  [{ accounts: 5 }, 'scenario.accounts must be a list of accounts, received 5'],
  [{}, 'scenario.accounts is missing; the object must be a scenario'],
  [{ accounts: [{ keys: [] }] }, 'scenario.accounts[0].id is missing; the object must be an account'],
  [
    { accounts: [{ id: 'a', keys: [], money: { charged: 5 } }] },
    'scenario.accounts[0].money.charged must be a decimal string such as "88.00", received 5',
  ],
  [
    { accounts: [{ id: 'a', keys: [], money: { charged: '1e3' } }] },
    'scenario.accounts[0].money.charged must be a decimal string such as "88.00", received "1e3"',
  ],
  [{ accounts: [{ id: 'a', keys: [], level: 6 }] }, 'scenario.accounts[0].level must be 0 to 5, received 6'],
  [
    { accounts: [{ id: 'a', keys: [], limits: { m: { rpmm: 1 } } }] },
    'scenario.accounts[0].limits.m.rpmm is not known; the object must hold only rpm',
  ],
  [
    { accounts: [], settings: { eventMs: -1 } },
    'scenario.settings.eventMs must not be negative, received -1',
  ],
  [
    { accounts: [], settings: { setCookie: 'a\nb' } },
    'scenario.settings.setCookie must be the value of a header',
  ],
  [
    { accounts: [], faults: [{ fault: { kind: 'reset', at: 'here' } }] },
    'scenario.faults[0].fault.at must be one of connect, upload, before-headers, after-headers, mid-body, received "here"',
  ],
  [
    { accounts: [], faults: [{ when: { model: 'm' }, fault: { kind: 'hang', at: 'upload' } }] },
    'scenario.faults[0] must not go by model: its name is in the body, which has not been read',
  ],
  [
    { accounts: [], models: [{ id: 'm', type: 'text', subType: 'chat', quirks: ['odd'] }] },
    'scenario.models[0].quirks[0] must be one of broken-tool-deltas',
  ],
  [
    { accounts: [], faults: [{ fault: { kind: 'error', name: 'overloaded' }, probability: 2 }] },
    'scenario.faults[0].probability must be 0 to 1, received 2',
  ],
  [
    { accounts: [], models: [{ id: 'm', type: 'text', subType: 'chat', price: [{ input: 'free' }] }] },
    'scenario.models[0].price[0].input must be a decimal string',
  ],
  [{ accounts: [], extra: 1 }, 'scenario.extra is not known; the object must be a scenario'],
])('a bad scenario is refused with place, rule and value: %j', async (scenario, message) => {
  await expect(startSimulator({ scenario: scenario as unknown as Scenario })).rejects.toThrow(message)
})

test('an error about a scenario never shows a whole key', async () => {
  const secret = fakeKey('demo', 'twice')
  const accounts = [
    { id: 'a', keys: [secret] },
    { id: 'b', keys: [secret] },
  ]
  const starting = startSimulator({ scenario: { accounts } })
  await expect(starting).rejects.toThrow(
    'account.keys must not hold a key of account "a", received "sk-de…wice"',
  )
  const spaced = startSimulator({ scenario: { accounts: [{ id: 'a', keys: [`${secret} `] }] } })
  await expect(spaced).rejects.toThrow(/^((?!demowx).)*$/)
})

test('a key cannot belong to both sites', async () => {
  const keys = ['sk-fake']
  const starting = startSimulator({
    scenario: {
      accounts: [
        { id: 'a', keys },
        { id: 'b', site: 'com', keys },
      ],
    },
  })
  await expect(starting).rejects.toThrow('must not hold a key of account "a"')
})

test('the scenario of the caller is not changed', async () => {
  const scenario = makeScenario({ faults: [{ fault: { kind: 'error', name: 'overloaded' }, times: 1 }] })
  const before = structuredClone(scenario)
  const { sim, url, key } = await running({}, { scenario })
  await ask(`${url}/models`, { key })
  sim.accounts.update('account-1', { limits: { x: { rpm: 1 } }, money: { charged: '7' }, keys: [] })
  expect(scenario).toEqual(before)
})
