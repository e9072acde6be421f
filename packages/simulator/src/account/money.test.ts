import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatMoney, isDecimal, parseMoney } from './money.js'

test('a decimal amount is unchanged after parsing and formatting', () => {
  for (const text of ['0.00', '0.88', '88.00', '-0.01', '123456789012345.123456789012', '0.000000000001']) {
    expect(formatMoney(parseMoney(text))).toBe(text)
  }
})

test('amounts have at least two digits after the point, and no more than needed', () => {
  expect(formatMoney(parseMoney('5'))).toBe('5.00')
  expect(formatMoney(parseMoney('0.1500'))).toBe('0.15')
  expect(formatMoney(parseMoney('-3.125'))).toBe('-3.125')
})

test('ten times 0.1 is exactly 1', () => {
  const sum = Array.from({ length: 10 }, () => parseMoney('0.1')).reduce((left, right) => left + right)
  expect(formatMoney(sum)).toBe('1.00')
})

test('text that is not a plain decimal is refused, and the message contains it', () => {
  for (const text of ['', '1e3', '.5', '1.', '+1', 'NaN', '1,5', '0x1', '1.0000000000001']) {
    expect(isDecimal(text)).toBe(false)
    expect(() => parseMoney(text)).toThrow(`received "${text}"`)
  }
})

test('any amount is unchanged after formatting and parsing', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }), (amount) => {
      expect(parseMoney(formatMoney(amount))).toBe(amount)
    }),
  )
})
