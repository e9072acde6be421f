import { expect, test } from 'vitest'
import { formatMoney } from '../account/money.js'
import { compilePricing, isFree, noUsage } from './price.js'

const noon = Date.UTC(2026, 8, 1, 4)

test('cached input has its own price, which defaults to the price of input', () => {
  const usage = { ...noUsage, inputTokens: 1_000_000, cachedTokens: 400_000, outputTokens: 500_000 }
  const price = (cachedInput: Record<string, string>): string =>
    formatMoney(compilePricing([{ input: '3', output: '9', ...cachedInput }])(usage, noon))
  expect(price({ cachedInput: '0.3' })).toBe('6.42')
  expect(price({})).toBe('7.50')
})

test('a price may depend on the hour of day in Beijing', () => {
  const pricing = compilePricing([{ input: '1.5', hours: [2, 8] }, { input: '3' }])
  const at = (hourUtc: number): string =>
    formatMoney(pricing({ ...noUsage, inputTokens: 1_000_000 }, Date.UTC(2026, 8, 1, hourUtc)))
  expect([at(17), at(18), at(23), at(0)]).toEqual(['3.00', '1.50', '1.50', '3.00'])
})

test('the hours of a price may include midnight', () => {
  const pricing = compilePricing([{ input: '1', hours: [22, 2] }])
  const at = (hourUtc: number): string =>
    formatMoney(pricing({ ...noUsage, inputTokens: 1_000_000 }, Date.UTC(2026, 8, 1, hourUtc)))
  expect([at(13), at(14), at(17), at(18)]).toEqual(['0.00', '1.00', '1.00', '0.00'])
})

test('long prompts may have their own price', () => {
  const pricing = compilePricing([{ input: '8', aboveInputTokens: 32_768 }, { input: '6' }])
  const of = (inputTokens: number): string => formatMoney(pricing({ ...noUsage, inputTokens }, noon))
  expect([of(32_768), of(32_769)]).toEqual(['0.196608', '0.262152'])
})

test('images, videos and bytes of speech are billed in their own units', () => {
  const pricing = compilePricing([{ perImage: '0.3', perVideo: '2', perKilobyte: '0.05' }])
  expect(formatMoney(pricing({ ...noUsage, images: 2, videos: 1, bytes: 500 }, noon))).toBe('2.625')
})

test('a price list without lines or with zero prices is free', () => {
  expect(isFree([])).toBe(true)
  expect(isFree([{ input: '0', output: '0.00' }])).toBe(true)
  expect(isFree([{ input: '0' }, { output: '0.01' }])).toBe(false)
})
