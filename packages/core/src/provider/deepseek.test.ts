import { describe, expect, it } from 'vitest'
import { deepseek, deepseekBalance } from './deepseek.js'

describe('DeepSeek’s balance', () => {
  const info = (currency: string, total: string, granted: string, toppedUp: string) => ({
    currency,
    total_balance: total,
    granted_balance: granted,
    topped_up_balance: toppedUp,
  })
  const read = (...infos: unknown[]) =>
    deepseekBalance.read([JSON.stringify({ is_available: true, balance_infos: infos })], 'default')

  it('DeepSeek’s balance is the total, with its granted and its topped-up part', () => {
    expect(read(info('CNY', '110.00', '10.00', '100.00'))).toEqual({
      amount: '110.00',
      currency: 'CNY',
      charged: '100.00',
      gift: '10.00',
    })
  })

  it('DeepSeek’s balance is that of the first currency with money, else of the first', () => {
    expect(read(info('USD', '0.00', '0.00', '0.00'), info('CNY', '1.00', '1.00', '0'))?.currency).toBe('CNY')
    expect(read(info('USD', '0.00', '0.00', '0.00'), info('CNY', '0', '0', '0'))?.currency).toBe('USD')
    expect(read()).toBeUndefined()
  })

  it('DeepSeek’s base URL gets no /v1', () => {
    expect(deepseek().sites).toEqual({ default: 'https://api.deepseek.com' })
    expect(deepseek('http://127.0.0.1:1/').sites).toEqual({ default: 'http://127.0.0.1:1' })
    expect(() => deepseek('ftp://127.0.0.1')).toThrow('baseURL must be an http or https URL')
  })
})
