import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { decimalAt, difference, hundredth, parseExactJson } from './exact-json.js'

describe('parseExactJson', () => {
  it.each([
    ['{"a":12.10}', '12.10'],
    ['{"a":0.1234567890123456789}', '0.1234567890123456789'],
    ['{"a":123456789012345678901}', '123456789012345678901'],
    ['{"a":-0.01}', '-0.01'],
    ['{"a":1.5e3}', '1500'],
    ['{"a":25E-4}', '0.0025'],
    ['{"a":"12.10"}', '12.10'],
  ])('keeps the digits of %s', (text, amount) => {
    expect(decimalAt(parseExactJson(text), 'a')).toBe(amount)
  })

  it('keeps the digits within strings', () => {
    expect(parseExactJson('{"a\\"1":"2 and 3","b":[true,null]}')).toEqual({
      'a"1': '2 and 3',
      b: [true, null],
    })
  })

  it.each(['', '<html>', '{"a":01}', '{"a":1'])('gives undefined for %j, which is not JSON', (text) => {
    expect(parseExactJson(text)).toBeUndefined()
  })

  it('does not expand an exponent that no amount of money has', () => {
    expect(decimalAt(parseExactJson('{"a":1e999999999}'), 'a')).toBeUndefined()
  })

  it('agrees with JSON.parse about any number', () => {
    assertProperty(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e20, max: 1e20 }), (number) => {
        const read = decimalAt(parseExactJson(JSON.stringify({ a: number })), 'a')
        if (Math.abs(number) > 1e-15 || number === 0) expect(Number(read)).toBe(number + 0)
      }),
    )
  })
})

describe('decimalAt', () => {
  const json = parseExactJson('{"data":{"list":[{"x":"1.5"},{"x":2}]}}')

  it.each([
    ['data.list[1].x', '2'],
    ['data.list.0.x', '1.5'],
    ['data.list[7].x', undefined],
    ['data.constructor.name', undefined],
    ['data.list', undefined],
  ])('finds at %s the decimal %s', (path, amount) => {
    expect(decimalAt(json, path)).toBe(amount)
  })
})

it.each([
  ['10', '0.01', '9.99'],
  ['0.5', '0.75', '-0.25'],
  ['1.10', '1.1', '0.00'],
])('the difference of %s and %s is %s', (one, other, left) => {
  expect(difference(one, other)).toBe(left)
})

it.each([
  ['250', '2.50'],
  ['1.5', '0.015'],
  ['-7', '-0.07'],
])('the hundredth of %s is %s', (amount, part) => {
  expect(hundredth(amount)).toBe(part)
})
