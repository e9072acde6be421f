import { describe, expect, it } from 'vitest'
import { isRecord, parseJson } from './json.js'

describe('isRecord', () => {
  it.each([{}, { a: 1 }, Object.create(null)])('accepts an object', (value) => {
    expect(isRecord(value)).toBe(true)
  })

  it.each([null, undefined, [], 'text', 5])('refuses %j', (value) => {
    expect(isRecord(value)).toBe(false)
  })
})

describe('parseJson', () => {
  it.each([
    ['{"a":[1]}', { a: [1] }],
    [' "text" ', 'text'],
    ['5', 5],
    ['null', null],
  ])('gives the value of %s', (text, value) => {
    expect(parseJson(text)).toEqual(value)
  })

  it.each(['', '{"a":', 'text', '\u00a0{}'])('gives undefined for %j, which is not JSON', (text) => {
    expect(parseJson(text)).toBeUndefined()
  })
})
