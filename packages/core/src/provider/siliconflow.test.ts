import { describe, expect, it } from 'vitest'
import { siliconflow } from './siliconflow.js'

const provider = siliconflow()

describe('the balance of SiliconFlow', () => {
  const answer = (data: unknown) => JSON.stringify({ code: 20000, message: 'OK', status: true, data })
  const read = (body: string, site = 'cn') => provider.balance?.read([body], site)

  it('the balance is the total, not the gift part, in the currency of the site', () => {
    const body = answer({ balance: '0.88', chargeBalance: '88.00', totalBalance: '88.88' })
    expect(read(body)).toEqual({ amount: '88.88', currency: 'CNY', charged: '88.00', gift: '0.88' })
    expect(read(body, 'com')).toMatchObject({ amount: '88.88', currency: 'USD' })
  })

  it('the balance may be negative', () => {
    expect(read(answer({ totalBalance: '-0.01' }))?.amount).toBe('-0.01')
  })

  it.each([
    ['no JSON', '<html></html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['no data', '{"code":20092,"message":"gone","data":null}'],
    ['no total', answer({ balance: '1' })],
    ['words', answer({ totalBalance: 'plenty' })],
    ['not a decimal', answer({ totalBalance: '1e5' })],
  ])('no balance is read from %s', (_name, body) => {
    expect(read(body)).toBeUndefined()
  })
})

describe('the addresses of SiliconFlow', () => {
  it('the addresses are the two sites of the vendor', () => {
    expect(siliconflow({ site: 'com' })).toMatchObject({
      site: 'com',
      sites: { cn: 'https://api.siliconflow.cn/v1', com: 'https://api.siliconflow.com/v1' },
    })
  })

  it.each([
    [{ cn: { baseURL: 'http://a.example' } }, 'sites.cn must be an http or https URL'],
    [{ com: 'http://a:b@c.example' }, 'sites.com must hold neither credentials'],
    [{ eu: 'http://a.example' }, 'sites must be of cn and com'],
    ['http://a.example', 'sites must be an object of addresses by site'],
    [['http://a.example'], 'sites must be an object of addresses by site'],
  ])('the addresses %j are refused by their own name', (sites, message) => {
    expect(() => siliconflow({ sites: sites as never })).toThrow(message)
  })

  it('a baseURL replaces the address of the pool’s own site only, with or without /v1', () => {
    const { sites } = siliconflow({ site: 'com', baseURL: 'http://127.0.0.1:1234/' })
    expect(sites).toEqual({ cn: 'https://api.siliconflow.cn/v1', com: 'http://127.0.0.1:1234/v1' })
  })
})
