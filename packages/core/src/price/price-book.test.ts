import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMoney, parseMoney } from '../money/decimal.js'
import { assertProperty } from '../testing/assert-property.js'
import type { Consumption } from './consumption.js'
import { type Cost, PriceBook } from './price-book.js'
import type { ModelPrice, PriceList } from './price-list.js'
import { freeModels, siliconflowPrices } from './siliconflow-prices.js'

const list = (models: Record<string, ModelPrice>, more: Partial<PriceList> = {}): PriceList => ({
  date: '2026-10-05',
  source: 'a test',
  sites: { cn: { currency: 'CNY', models } },
  ...more,
})

const noon = Date.UTC(2026, 9, 5, 4, 0)

/** The cost as a text, by default at noon in Beijing on .cn. */
function costs(
  prices: PriceList | PriceBook,
  model: string,
  used: Consumption,
  at = noon,
  site = 'cn',
): string {
  const book = prices instanceof PriceBook ? prices : new PriceBook([prices])
  return inWords(book.costOf(used, model, site, at))
}

const inWords = (cost: Cost): string =>
  'unknown' in cost ? cost.unknown : `${formatMoney(cost.amount)} ${cost.currency}`

describe('PriceBook.costOf', () => {
  const prices = list({
    chat: { input: '1', output: '4' },
    thinker: { input: '1', cachedInput: '0.1', output: '4', reasoning: '8' },
    painter: { image: '0.3' },
    speaker: { speech: '0.05' },
    listener: { audioMinute: '0.06' },
    'listener by the second': { audioSecond: '0.001', audioMinute: '9' },
    gratis: 'free',
  })

  it.each<[string, Consumption, string]>([
    ['chat', { promptTokens: 1_000_000, completionTokens: 500_000 }, '3.00 CNY'],
    ['chat', { promptTokens: 1 }, '0.000001 CNY'],
    ['chat', { promptTokens: 1_000, cachedTokens: 400, completionTokens: 10 }, '0.00104 CNY'],
    ['chat', { promptTokens: 10, completionTokens: 20, reasoningTokens: 15 }, '0.00009 CNY'],
    ['thinker', { promptTokens: 1_000, cachedTokens: 400 }, '0.00064 CNY'],
    ['thinker', { completionTokens: 20, reasoningTokens: 15 }, '0.00014 CNY'],
    // More cached tokens than input tokens count as the whole input.
    ['thinker', { promptTokens: 10, cachedTokens: 30 }, '0.000001 CNY'],
    ['painter', { images: 3 }, '0.90 CNY'],
    ['speaker', { speechBytes: 1 }, '0.00005 CNY'],
    ['listener', { audioSeconds: 90 }, '0.09 CNY'],
    ['listener', { audioSeconds: 0.5 }, '0.0005 CNY'],
    ['listener by the second', { audioSeconds: 90 }, '0.09 CNY'],
    ['gratis', { promptTokens: 1_000_000, images: 5 }, '0.00 CNY'],
    ['chat', {}, '0.00 CNY'],
  ])('a call to %s that used %j costs %s', (model, used, cost) => {
    expect(costs(prices, model, used)).toBe(cost)
  })

  it('a cost is unknown, never zero, where a price is missing', () => {
    expect(costs(prices, 'unlisted', { promptTokens: 1 })).toBe('there is no price of unlisted')
    expect(costs(prices, '', {})).toBe('there is no price of calls without a model')
    expect(costs(prices, 'chat', { promptTokens: 1 }, noon, 'com')).toBe('there is no price of chat')
    expect(costs(prices, 'chat', { promptTokens: 1, images: 1 })).toBe('there is no price of images for chat')
    expect(costs(prices, 'painter', { promptTokens: 5 })).toBe(
      'there is no price of input tokens for painter',
    )
    const upTo = list({ m: [{ aboveInputTokens: 10, input: '1' }] })
    expect(costs(upTo, 'm', { promptTokens: 10 })).toBe(
      'there is no price of a call of that size at that time for m',
    )
  })

  it('the first line that applies to the length of the input gives the price', () => {
    const tiers = list({
      m: [
        { aboveInputTokens: 32_768, input: '8', output: '28' },
        { input: '6', output: '24' },
      ],
    })
    expect(costs(tiers, 'm', { promptTokens: 32_768 })).toBe('0.196608 CNY')
    expect(costs(tiers, 'm', { promptTokens: 32_769 })).toBe('0.262152 CNY')
  })

  it('the time of day decides the price, also over midnight and west of Greenwich', () => {
    const hours: ModelPrice = [{ hours: ['22:00', '06:00'], input: '1' }, { input: '2' }]
    const at = (hour: number, minute = 0): number => Date.UTC(2026, 0, 1, hour, minute)
    const million = { promptTokens: 1_000_000 }
    const utc = list({ m: hours })
    for (const night of [at(22), at(23, 59), at(0), at(5, 59)])
      expect(costs(utc, 'm', million, night)).toBe('1.00 CNY')
    for (const day of [at(6), at(21, 59)]) expect(costs(utc, 'm', million, day)).toBe('2.00 CNY')
    const newYork = list({ m: hours }, { zone: '-05:00' })
    expect(costs(newYork, 'm', million, at(3))).toBe('1.00 CNY')
    expect(costs(newYork, 'm', million, at(2, 59))).toBe('2.00 CNY')
  })

  it('a call of a batch costs the price of the list times the batch factor', () => {
    const half = list({ m: { input: '3' } }, { batchFactor: '0.5' })
    expect(costs(half, 'm', { promptTokens: 1_000_000, isBatch: true })).toBe('1.50 CNY')
    expect(costs(prices, 'chat', { promptTokens: 1_000_000, isBatch: true })).toBe('1.00 CNY')
  })

  it('a usage beyond any real call is capped', () => {
    expect(costs(prices, 'chat', { promptTokens: 1e300 })).toBe('1000.00 CNY')
    expect(costs(prices, 'chat', { promptTokens: Number.NaN, completionTokens: -5 })).toBe('0.00 CNY')
  })

  it('a cost is exact: rounded once, by less than a trillionth', () => {
    const price = fc.bigInt({ min: 0n, max: 10n ** 15n })
    const tokens = fc.integer({ min: 0, max: 10_000_000 })
    assertProperty(
      fc.property(price, price, price, tokens, tokens, tokens, (input, cached, output, fresh, hits, out) => {
        const line = {
          input: formatMoney(input),
          cachedInput: formatMoney(cached),
          output: formatMoney(output),
        }
        const cost = new PriceBook([list({ m: line })]).costOf(
          { promptTokens: fresh + hits, cachedTokens: hits, completionTokens: out },
          'm',
          'cn',
          noon,
        )
        const exact = BigInt(fresh) * input + BigInt(hits) * cached + BigInt(out) * output
        const error = 'amount' in cost ? cost.amount * 1_000_000n - exact : null
        expect(error !== null && error >= -500_000n && error <= 500_000n).toBe(true)
      }),
    )
  })

  it('the fast way of calculating and the exact one give the same cost, however large', () => {
    const places = (most: number) => fc.stringMatching(new RegExp(`^\\d{1,9}\\.\\d{1,${most}}$`))
    const price = fc.oneof(places(2), places(6), places(12))
    const uses = fc.oneof(fc.nat({ max: 10_000 }), fc.nat({ max: 2_000_000_000 }))
    const line = fc.record({
      input: price,
      cachedInput: price,
      output: price,
      speech: price,
      audioMinute: price,
    })
    const consumption = fc.record({
      promptTokens: uses,
      cachedTokens: uses,
      completionTokens: uses,
      speechBytes: uses,
      audioSeconds: uses,
    })
    assertProperty(
      fc.property(line, consumption, (given, used) => {
        const one = new PriceBook([list({ m: given })])
        // A batch with a factor of one is always calculated the exact way.
        const exact = one.costOf({ ...used, isBatch: true }, 'm', 'cn', noon)
        expect(one.costOf(used, 'm', 'cn', noon)).toEqual(exact)
      }),
    )
  })

  it('a cost grows with the usage', () => {
    const tokens = fc.integer({ min: 0, max: 1_000_000 })
    assertProperty(
      fc.property(tokens, tokens, tokens, (prompt, completion, more) => {
        const cost = (used: Consumption): bigint => {
          const found = new PriceBook([prices]).costOf(used, 'thinker', 'cn', noon)
          return 'amount' in found ? found.amount : -1n
        }
        const before = cost({ promptTokens: prompt, completionTokens: completion })
        const after = cost({ promptTokens: prompt + more, completionTokens: completion + more })
        expect(after >= before && before >= 0n).toBe(true)
      }),
    )
  })
})

describe('PriceBook with several lists', () => {
  const shipped = list({ 'Qwen/Qwen3-8B': 'free', 'a/b': { input: '1', output: '1' }, '*': { video: '2' } })
  const own = list(
    { 'Qwen/*': { input: '5' }, 'a/b': { input: '3' } },
    { date: '2026-11-01', source: 'ours' },
  )
  const book = new PriceBook([own, shipped])

  it('the prices of a model in the first list replace all that the next list has for it', () => {
    expect(costs(book, 'Qwen/Qwen3-8B', { promptTokens: 1_000_000 })).toBe('5.00 CNY')
    expect(costs(book, 'a/b', { completionTokens: 1 })).toBe('there is no price of output tokens for a/b')
    expect(costs(book, 'other', { videos: 1 })).toBe('2.00 CNY')
  })

  it('a price book names the source of each price', () => {
    expect(book).toMatchObject({ date: '2026-11-01', source: 'ours' })
    expect(book.of('a/b', 'cn')).toEqual({
      price: { input: '3' },
      currency: 'CNY',
      date: '2026-11-01',
      source: 'ours',
    })
    expect(book.of('other', 'cn')).toMatchObject({ source: 'a test' })
    expect(book.of('other', 'com')).toBeUndefined()
    expect(new PriceBook([])).toMatchObject({ date: null, source: null })
  })

  it('a price book answers for any number of made-up names', () => {
    for (let n = 0; n < 5_000; n++) expect(costs(book, `made up ${n}`, { videos: 1 })).toBe('2.00 CNY')
  })
})

describe("SiliconFlow's prices", () => {
  const book = new PriceBook([siliconflowPrices])
  const used = { promptTokens: 2_000_000, cachedTokens: 1_000_000, completionTokens: 1_000_000 }

  it('the price list knows the free models of .cn, which are not free on .com', () => {
    for (const model of freeModels) expect(costs(book, model, used)).toBe('0.00 CNY')
    expect(costs(book, 'Qwen/Qwen3-8B', used, noon, 'com')).toBe('0.18 USD')
    expect(costs(book, 'BAAI/bge-m3', used, noon, 'com')).toBe('there is no price of BAAI/bge-m3')
  })

  it('the price list knows the cheap hours of DeepSeek-V4-Flash', () => {
    const model = 'deepseek-ai/DeepSeek-V4-Flash'
    const beijing = (hour: number, minute = 0): number => Date.UTC(2026, 9, 5, hour - 8, minute)
    expect(costs(book, model, used, beijing(1, 59))).toBe('12.30 CNY')
    expect(costs(book, model, used, beijing(2))).toBe('6.15 CNY')
    expect(costs(book, model, used, beijing(7, 59))).toBe('6.15 CNY')
    expect(costs(book, model, used, beijing(8))).toBe('12.30 CNY')
    expect(costs(book, model, { ...used, isBatch: true }, beijing(12))).toBe('6.15 CNY')
  })

  it('the price list has prices for speech and videos, and none for images, whose prices differ', () => {
    expect(costs(book, 'FunAudioLLM/CosyVoice2-0.5B', { speechBytes: 3_000 })).toBe('0.15 CNY')
    expect(costs(book, 'Wan-AI/Wan2.2-T2V-A14B', { videos: 1 })).toBe('2.00 CNY')
    expect(costs(book, 'Qwen/Qwen-Image', { images: 1 })).toContain('no price of images')
    expect(costs(book, 'Qwen/Qwen2.5-72B-Instruct', used)).toContain('no price of input tokens')
  })

  it('the price list has the format that operators write', () => {
    expect(parseMoney(siliconflowPrices.batchFactor ?? '')).toBe(parseMoney('0.5'))
  })
})
