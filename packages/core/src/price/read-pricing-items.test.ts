import { expect, it } from 'vitest'
import { checkPriceList } from './price-list.js'
import { type PricingItem, readPricingItems } from './read-pricing-items.js'

const origin = { date: '2026-10-05', source: 'https://siliconflow.cn/pricing' }

const item = (
  playgroundName: string,
  componentCode: string,
  price: string,
  more: PricingItem = {},
): PricingItem => ({
  playgroundName,
  componentCode,
  objectName: `maas.${playgroundName}.${componentCode}`,
  realTimePriceCnyUnit: price,
  unitZhCnName: 'M tokens',
  price_scenario: '刊例价',
  payloadBizText: 'online',
  ...more,
})

const read = (items: readonly PricingItem[]) => readPricingItems(items, origin).sites.cn?.models

it('readPricingItems makes a valid price list from the table of the public page', () => {
  const list = readPricingItems(
    [
      item('a/chat', 'input-tokens', '4'),
      item('a/chat', 'cached-input-tokens', '0.2'),
      item('a/chat', 'output-tokens', '6.5'),
      item('a/painter', 'image-cnt', '0.3', { unitZhCnName: '图片' }),
      item('a/video-maker', 'video-cnt', '2', { unitZhCnName: '视频' }),
      item('a/speaker', 'utf8-bytes', '0.05', { unitZhCnName: '千字符（UTF-8）' }),
    ],
    origin,
  )
  expect(checkPriceList(list, 'prices')).toEqual({
    ...origin,
    zone: '+08:00',
    batchFactor: '0.5',
    sites: {
      cn: {
        currency: 'CNY',
        models: {
          'a/chat': [{ input: '4', cachedInput: '0.2', output: '6.5' }],
          'a/painter': [{ image: '0.3' }],
          'a/video-maker': [{ video: '2' }],
          'a/speaker': [{ speech: '0.05' }],
        },
      },
    },
  })
})

it('readPricingItems reads tiers by the length of the input, the upper tier first', () => {
  const tier = (kind: string, name: string, price: string): PricingItem =>
    item('m', kind, price, { objectName: `maas.m.${name}.${kind}` })
  expect(
    read([
      tier('input-tokens', '0-32k-input', '6'),
      tier('input-tokens', 'over-32k-input', '8'),
      tier('output-tokens', '0-32k-input', '24'),
      tier('output-tokens', 'over-32k-input', '28'),
      item('m', 'cached-input-tokens', '1.3'),
    ]),
  ).toEqual({
    m: [
      { aboveInputTokens: 32_768, input: '8', cachedInput: '1.3', output: '28' },
      { input: '6', cachedInput: '1.3', output: '24' },
    ],
  })
})

it('readPricingItems converts prices per thousand into prices per million', () => {
  const each = ['0.0035', '1', '0.00000001'].map((price, n) =>
    item(`m${n}`, 'input-tokens', price, { unitZhCnName: 'K tokens' }),
  )
  expect(read(each)).toEqual({ m0: [{ input: '3.5' }], m1: [{ input: '1000' }], m2: [{ input: '0.00001' }] })
})

it('readPricingItems prefers the list price to that of a campaign, which ends some day', () => {
  const prices = ['兜底价', '活动价', '刊例价', '活动价'].map((price_scenario, n) =>
    item('m', 'input-tokens', String(n), { price_scenario }),
  )
  expect(read(prices)).toEqual({ m: [{ input: '2' }] })
})

it('readPricingItems leaves out entries of an unknown form', () => {
  expect(
    read([
      item('m', 'input-tokens', '1', { payloadBizText: 'batch' }),
      item('m', 'task-consumed-tokens', '1'),
      item('m', 'input-tokens', 'on request'),
      item('m', 'input-tokens', '1', { unitZhCnName: '次' }),
      item('m', 'input-tokens', '1', { objectName: 'maas.m.32k-128k-input.input-tokens' }),
      {},
      { playgroundName: 7 },
    ]),
  ).toEqual({})
})
