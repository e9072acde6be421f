import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { divided, formatMoney, isDecimal, oneUnit, parseMoney, roughly, sumDecimals } from './decimal.js'

/** Any amount that can be written with as many places as money has. */
const money = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })

describe('an amount of money', () => {
  it.each([
    ['0', '0.00'],
    ['12.5', '12.50'],
    ['+12.50', '12.50'],
    ['-0.01', '-0.01'],
    ['007.10', '7.10'],
    ['0.000000000001', '0.000000000001'],
    ['123456789012345678.000000000001', '123456789012345678.000000000001'],
  ])('that is written as %s is shown as %s', (text, shown) => {
    expect(formatMoney(parseMoney(text))).toBe(shown)
  })

  it.each([
    ['0.0000000000019', '0.000000000001'],
    ['-0.0000000000011', '-0.000000000002'],
    ['-0.0000000000010', '-0.000000000001'],
  ])('is rounded down when it has more than twelve places: %s to %s', (text, shown) => {
    expect(formatMoney(parseMoney(text))).toBe(shown)
  })

  it.each([
    '',
    '.5',
    '5.',
    '1e3',
    '1,000.00',
    'NaN',
    '0x10',
    ' 1',
    '1 ',
    '--1',
    '１２',
    '1.2.3',
    '9'.repeat(31),
  ])('cannot be read from %j', (text) => {
    expect(isDecimal(text)).toBe(false)
    expect(() => parseMoney(text)).toThrow(RangeError)
  })

  it('survives being written and read, whatever it is', () => {
    assertProperty(
      fc.property(money, (amount) => {
        expect(parseMoney(formatMoney(amount))).toBe(amount)
      }),
    )
  })

  it('adds up to the same as its texts do', () => {
    assertProperty(
      fc.property(fc.array(money, { minLength: 1 }), (amounts) => {
        const sum = amounts.reduce((total, amount) => total + amount, 0n)
        expect(parseMoney(sumDecimals(amounts.map(formatMoney)))).toBe(sum)
      }),
    )
  })

  it('is divided to the nearest, and never off by more than half', () => {
    assertProperty(
      fc.property(money, fc.bigInt({ min: 1n, max: 10n ** 12n }), (amount, divisor) => {
        const error = amount - divided(amount, divisor) * divisor
        expect((error < 0n ? -error : error) * 2n <= divisor).toBe(true)
      }),
    )
    expect([divided(3n, 2n), divided(-3n, 2n), divided(1n, 3n)]).toEqual([2n, -2n, 0n])
  })

  it('is also given as a rough number', () => {
    expect(roughly(oneUnit * 3n + oneUnit / 4n)).toBe(3.25)
  })
})

describe('the sum of decimal strings', () => {
  it.each([
    [[], '0'],
    [['12.50'], '12.50'],
    [['0.1', '0.2'], '0.3'],
    [['0.88', '88.00'], '88.88'],
    [['1', '0.001'], '1.001'],
    [['-0.01'], '-0.01'],
    [['-0.01', '0.01'], '0.00'],
    [['-5', '2.5'], '-2.5'],
    [['0.05', '-0.10'], '-0.05'],
    [['999999999999999999999.99', '0.01'], '1000000000000000000000.00'],
  ])('of %j is %s', (amounts, sum) => {
    expect(sumDecimals(amounts)).toBe(sum)
  })

  it('loses no digit, however many there are', () => {
    const cents = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
    const decimal = (value: bigint): string => {
      const digits = (value < 0n ? -value : value).toString().padStart(3, '0')
      return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
    }
    assertProperty(
      fc.property(fc.array(cents, { minLength: 1 }), (values) => {
        expect(sumDecimals(values.map(decimal))).toBe(decimal(values.reduce((sum, each) => sum + each, 0n)))
      }),
    )
  })
})
