import { describe, expect, it } from 'vitest'
import { deepseekBalance } from './deepseek.js'
import { generic } from './generic.js'
import { openaiBilling } from './openai-billing.js'

describe('a balance endpoint of any shape', () => {
  it('a balance endpoint of any shape is described by the names of its fields', () => {
    const provider = generic('http://127.0.0.1:1', {
      currency: 'EUR',
      balance: { path: '/credits', amount: 'data.total_credits', spent: 'data.total_usage' },
    })
    expect(provider.balance?.paths(() => '')).toEqual(['/credits'])
    const body = '{"data":{"total_credits":25,"total_usage":0.1234567}}'
    expect(provider.balance?.read([body], 'default')).toEqual({ amount: '24.8765433', currency: 'EUR' })
    expect(provider.balance?.read(['{"data":{"total_credits":25}}'], 'default')).toBeUndefined()
  })

  it('the fields of a balance endpoint may include currency, parts and account', () => {
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

  it('the balance of a generic API may be openai-billing or facts of your own, and is refused without a path', () => {
    expect(generic('http://127.0.0.1:1', { balance: 'openai-billing' }).balance).toBe(openaiBilling)
    expect(generic('http://127.0.0.1:1', { balance: deepseekBalance }).balance).toBe(deepseekBalance)
    expect(() => generic('http://127.0.0.1:1', { balance: { path: 'x', amount: 'a' } })).toThrow(
      'balance must have a path that begins with /',
    )
  })
})
