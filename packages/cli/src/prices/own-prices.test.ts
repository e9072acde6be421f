import { writeFileSync } from 'node:fs'
import { fingerprint } from '@sfpool/core'
import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { expect, it, onTestFinished } from 'vitest'
import { openPool } from '../pool/open-pool.js'
import { createHome } from '../testing/run-cli.js'
import { ownPrices } from './own-prices.js'

const listOf = (input: string) => ({
  date: '2026-11-01',
  source: 'mine',
  sites: { cn: { currency: 'CNY', models: { 'Qwen/*': { input, output: '0' } } } },
})

it('ownPrices passes a value that is not a path to the pool', async () => {
  expect(await ownPrices({ anything: 1 })).toEqual({ list: { anything: 1 }, path: null })
})

it('a pool uses the price file that the setting names', async () => {
  using home = createHome()
  const scenario = makeScenario({ accounts: 1 })
  const [secret = ''] = keysOf(scenario)
  const upstream = await startSimulator({ scenario })
  onTestFinished(() => upstream.close())
  const prices = home.path('prices.json')
  writeFileSync(prices, JSON.stringify(listOf('1000000')))
  const { baseURL: baseUrl } = upstream.sites.cn
  const settings = { store: { kind: 'memory' }, baseUrl, prices } as const
  await using pool = await openPool({ settings, origins: {} })
  await pool.keys.add([{ secret, balance: '1000000' }])
  const body = { model: 'Qwen/Qwen3-8B', messages: [{ role: 'user', content: 'Hello' }] }
  const answer = await pool.fetch(`${pool.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { usage } = (await answer.json()) as { usage: { prompt_tokens: number } }
  expect(usage.prompt_tokens).toBeGreaterThan(0)
  const { amount } = pool.keys.get(fingerprint(secret))?.balance ?? {}
  expect(Number(amount)).toBe(1_000_000 - usage.prompt_tokens)
})

it.each([
  ['that is not there', null, 'there is no such file'],
  ['of another shape', '{"date": 3}', 'prices.date must be a day'],
])('a pool does not open with a price file %s', async (_, content, message) => {
  using home = createHome()
  const prices = home.path('prices.json')
  if (content !== null) writeFileSync(prices, content)
  const settings = { store: { kind: 'memory' }, prices } as const
  await expect(openPool({ settings, origins: {} })).rejects.toThrow(message)
  await expect(openPool({ settings, origins: {} })).rejects.toThrow(prices)
})
