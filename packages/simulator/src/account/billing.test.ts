import { expect, test } from 'vitest'
import { ask, hello } from '../testing/ask.js'
import { running } from '../testing/running.js'

const paid = 'Qwen/Qwen2.5-72B-Instruct'
const charged = 'Pro/deepseek-ai/DeepSeek-V3'
const chat = { model: paid, messages: hello }

test('a call costs its tokens times their price, exactly', async () => {
  const { sim, url, key } = await running({ money: { charged: '1' } })
  await ask(`${url}/chat/completions`, { key, body: { ...chat, max_tokens: 10 } })
  const account = sim.accounts.get('account-1')
  const [bill] = account?.ledger ?? []
  const { inputTokens = 0, outputTokens = 0 } = bill?.usage ?? {}
  expect(outputTokens).toBe(10)
  const millionths = (inputTokens + outputTokens) * 413
  expect(bill?.cost).toBe(`0.${String(millionths).padStart(8, '0')}`.replace(/0+$/, ''))
  expect(account?.spent).toBe(bill?.cost)
  expect(Number(account?.money.charged)).toBeCloseTo(1 - Number(bill?.cost), 10)
  expect(bill).toMatchObject({ key, model: paid, requestId: sim.requests[0]?.id })
})

test('vouchers are spent first, then gifts, then recharged money, which may go below zero', async () => {
  const cost = 0.000_1
  const models = [{ id: 'dear', type: 'text', subType: 'embedding', price: [{ input: '100' }] }] as const
  const money = { voucher: '0.00004', gift: '0.00003', charged: '0.00002' }
  const { sim, url, key } = await running({ money, models })
  await ask(`${url}/embeddings`, { key, body: { model: 'dear', input: 'abcd' } })
  const account = sim.accounts.get('account-1')
  expect(Number(account?.ledger[0]?.cost)).toBe(cost)
  expect(account?.ledger[0]?.paidFrom).toEqual({ voucher: '0.00004', gift: '0.00003', charged: '0.00003' })
  expect(account?.money).toEqual({ voucher: '0.00', gift: '0.00', charged: '-0.00001' })
})

test('an account without money gets 30001 with the status of the regime, but may use free models', async () => {
  const { sim, url, key } = await running({ money: {} })
  const refused = await ask(`${url}/chat/completions`, { key, body: chat })
  expect(refused.text).toBe(
    '{"code":30001,"message":"Sorry, your account balance is insufficient","data":null}',
  )
  expect(refused.status).toBe(402)
  sim.settings.update({ regime: 'classic' })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(403)
  const free = { ...chat, model: 'Qwen/Qwen2.5-7B-Instruct' }
  expect((await ask(`${url}/chat/completions`, { key, body: free })).status).toBe(200)
  sim.settings.update({ freeModels: 'require-balance' })
  expect((await ask(`${url}/chat/completions`, { key, body: free })).status).toBe(403)
})

test('models under Pro/ are paid from recharged money only', async () => {
  const { sim, url, key } = await running({ money: { voucher: '10', gift: '10' } })
  const body = { ...chat, model: charged }
  expect((await ask(`${url}/chat/completions`, { key, body })).status).toBe(402)
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(200)
  sim.accounts.update('account-1', { money: { charged: '1' } })
  expect((await ask(`${url}/chat/completions`, { key, body })).status).toBe(200)
  expect(Object.keys(sim.accounts.get('account-1')?.ledger.at(-1)?.paidFrom ?? {})).toEqual(['charged'])
})

test('a refused call costs nothing', async () => {
  const { sim, url, key } = await running()
  sim.faults.add({ fault: { kind: 'error', name: 'overloaded' }, times: 1 })
  await ask(`${url}/chat/completions`, { key, body: chat })
  await ask(`${url}/chat/completions`, { key, body: { ...chat, temperature: 9 } })
  expect(sim.accounts.get('account-1')).toMatchObject({ spent: '0.00', ledger: [] })
})

test('a retired model is served and billed as its successor', async () => {
  const { sim, url, key } = await running()
  const answer = await ask(`${url}/chat/completions`, {
    key,
    body: { ...chat, model: 'moonshotai/Kimi-K2.5' },
  })
  expect(answer.json).toMatchObject({ model: 'moonshotai/Kimi-K2.5' })
  const [bill] = sim.accounts.get('account-1')?.ledger ?? []
  const { inputTokens = 0, outputTokens = 0 } = bill?.usage ?? {}
  expect(Number(bill?.cost)).toBeCloseTo((inputTokens * 4 + outputTokens * 21) / 1e6, 12)
})

test('the ledger keeps the last bills, and the sum of all bills', async () => {
  const { sim, url, key } = await running({ settings: { ledgerEntries: 100 } })
  for (let index = 0; index < 5; index += 1) await ask(`${url}/chat/completions`, { key, body: chat })
  sim.settings.update({ ledgerEntries: 2 })
  const account = sim.accounts.get('account-1')
  expect(account?.ledger.map(({ requestId }) => requestId)).toEqual(['request-4', 'request-5'])
  expect(Number(account?.spent)).toBeCloseTo(5 * Number(account?.ledger[0]?.cost), 10)
})

test('added money can be spent at once', async () => {
  const { sim, url, key } = await running({ money: { charged: '-1' } })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(402)
  sim.accounts.update('account-1', { money: { charged: '5.00' } })
  expect((await ask(`${url}/chat/completions`, { key, body: chat })).status).toBe(200)
})
