import { describe, expect, it } from 'vitest'
import { deepseekBalance, isAboveZero, openaiBilling } from './balance-facts.js'
import { deepseek } from './deepseek.js'
import { generic } from './openai.js'

describe('DeepSeek’s balance', () => {
  const info = (currency: string, total: string, granted: string, toppedUp: string) => ({
    currency,
    total_balance: total,
    granted_balance: granted,
    topped_up_balance: toppedUp,
  })
  const read = (...infos: unknown[]) =>
    deepseekBalance.read([JSON.stringify({ is_available: true, balance_infos: infos })], 'default')

  it('is the total, parted into what was granted and what was topped up', () => {
    expect(read(info('CNY', '110.00', '10.00', '100.00'))).toEqual({
      amount: '110.00',
      currency: 'CNY',
      charged: '100.00',
      gift: '10.00',
    })
  })

  it('is that of the first currency with money in it, else of the first', () => {
    expect(read(info('USD', '0.00', '0.00', '0.00'), info('CNY', '1.00', '1.00', '0'))?.currency).toBe('CNY')
    expect(read(info('USD', '0.00', '0.00', '0.00'), info('CNY', '0', '0', '0'))?.currency).toBe('USD')
    expect(read()).toBeUndefined()
  })

  it('is asked below addresses without /v1', () => {
    expect(deepseek().sites).toEqual({ default: 'https://api.deepseek.com' })
    expect(deepseek('http://127.0.0.1:1/').sites).toEqual({ default: 'http://127.0.0.1:1' })
    expect(() => deepseek('ftp://127.0.0.1')).toThrow('baseURL must be an http or https URL')
  })
})

describe('OpenAI-style billing', () => {
  it('is the limit in dollars less the usage in cents, exactly', () => {
    const bodies = ['{"object":"billing_subscription","hard_limit_usd":100.30}', '{"total_usage":1234.567}']
    expect(openaiBilling.read(bodies, '')).toEqual({ amount: '87.95433', currency: 'USD' })
    expect(openaiBilling.read(['{}', '{}'], '')).toBeUndefined()
  })

  it('asks for the usage of the days that can be asked for', () => {
    const paths = openaiBilling.paths((fromToday) => `day${fromToday}`)
    expect(paths).toEqual([
      '/dashboard/billing/subscription',
      '/dashboard/billing/usage?start_date=day-99&end_date=day1',
    ])
  })
})

describe('a balance endpoint of any shape', () => {
  it('is described by the names of its fields', () => {
    const provider = generic('http://127.0.0.1:1', {
      currency: 'EUR',
      balance: { path: '/credits', amount: 'data.total_credits', spent: 'data.total_usage' },
    })
    expect(provider.balance?.paths(() => '')).toEqual(['/credits'])
    const body = '{"data":{"total_credits":25,"total_usage":0.1234567}}'
    expect(provider.balance?.read([body], 'default')).toEqual({ amount: '24.8765433', currency: 'EUR' })
    expect(provider.balance?.read(['{"data":{"total_credits":25}}'], 'default')).toBeUndefined()
  })

  it('may tell currency, parts and account', () => {
    const { balance } = generic('http://127.0.0.1:1', {
      balance: { path: '/me', amount: 'a', currency: 'c', charged: 'p', gift: 'g', account: 'id' },
    })
    expect(balance?.read(['{"a":"3","c":"CNY","p":1,"g":"2","id":7}'], 'default')).toEqual({
      amount: '3',
      currency: 'CNY',
      charged: '1',
      gift: '2',
      account: '7',
    })
  })

  it('may be one of those that panels answer, or of one’s own, and is refused without a path', () => {
    expect(generic('http://127.0.0.1:1', { balance: 'openai-billing' }).balance).toBe(openaiBilling)
    expect(generic('http://127.0.0.1:1', { balance: deepseekBalance }).balance).toBe(deepseekBalance)
    expect(() => generic('http://127.0.0.1:1', { balance: { path: 'x', amount: 'a' } })).toThrow(
      'balance must have a path that begins with /',
    )
  })
})

it.each([
  ['0', false],
  ['0.00', false],
  ['-1', false],
  ['0.000001', true],
  ['10', true],
])('whether %s is more than nothing: %s', (amount, isMore) => {
  expect(isAboveZero(amount)).toBe(isMore)
})
