import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { sumDecimals } from './decimal.js'

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
