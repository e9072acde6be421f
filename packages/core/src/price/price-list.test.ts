import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { checkPriceList } from './price-list.js'

const list = (models: unknown, more: object = {}): unknown => ({
  date: '2026-10-05',
  source: 'my contract',
  sites: { cn: { currency: 'CNY', models } },
  ...more,
})

describe('checkPriceList', () => {
  it('a price list may have every field of the format', () => {
    const given = list(
      {
        'Qwen/*': 'free',
        'a/b': { input: '1', cachedInput: '0.1', output: '4', reasoning: '8' },
        'c/d': [
          { aboveInputTokens: 32_768, input: '8', output: '28' },
          { hours: ['22:00', '06:00'], input: '3', output: '12' },
          { input: '6', output: '24' },
        ],
        '*': { image: '0.3', video: '2', speech: '0.05', audioSecond: '0.001', audioMinute: '0.06' },
      },
      { zone: '+08:00', batchFactor: '0.5' },
    )
    expect(checkPriceList(given, 'prices')).toEqual(given)
  })

  it('a number in a YAML file is read as its own text', () => {
    const read = checkPriceList(list({ 'a/b': { input: 0.15, output: 9 } }), 'prices')
    expect(read.sites.cn?.models).toEqual({ 'a/b': { input: '0.15', output: '9' } })
  })

  it.each([
    [[], /^prices\.date is needed/],
    [undefined, /^prices must be an object of date|^prices is needed/],
    ['free', /^prices must be an object of date, source and sites/],
    [list({}, { date: 'yesterday' }), /^prices\.date must be a day/],
    [list({}, { source: '' }), /^prices\.source must not be empty/],
    [list({}, { zone: 'Asia/Shanghai' }), /^prices\.zone must be an offset/],
    [list({}, { batchFactor: '-1' }), /^prices\.batchFactor must be a decimal/],
    [list({}, { pricelist: 1 }), /^prices\.pricelist is not an option/],
    [list({ 'a/b': 'cheap' }), /^prices\.sites\.cn\.models\.a\/b must be 'free'/],
    [list({ 'a/b': [] }), /^prices\.sites\.cn\.models\.a\/b must name at least one price/],
    [list({ 'a/b': { input: '-1' } }), /^prices\.sites\.cn\.models\.a\/b\.input must be a decimal/],
    [list({ 'a/b': { input: '1e-3' } }), /input must be a decimal/],
    [list({ 'a/b': { input: 1e-7 } }), /input must be a decimal/],
    [list({ 'a/b': { inputs: '1' } }), /^prices\.sites\.cn\.models\.a\/b\.inputs is not an option/],
    [list({ 'a/b': { hours: ['8:00', '24:30'] } }), /hours\.0 must be a time of day/],
    [list({ 'a/b': [{ input: '1' }, { aboveInputTokens: -1 }] }), /a\/b\.1\.aboveInputTokens must not/],
    [list({}, { sites: { cn: { currency: 'yuan', models: {} } } }), /currency must be the code/],
    [list({}, { sites: [] }), /^prices\.sites must be an object by site/],
  ])('checkPriceList names what is wrong in %j', (given, message) => {
    expect(() => checkPriceList(given, 'prices')).toThrow(ConfigError)
    expect(() => checkPriceList(given, 'prices')).toThrow(message)
  })
})
