import { inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { png } from './png.js'
import { sampleFromSchema } from './schema-sample.js'
import { generateText, splitText } from './text.js'
import { countTokens } from './tokens.js'

test('generateText gives the same text for the same seed, and another text for another seed', () => {
  expect(generateText(1, 50)).toEqual(generateText(1, 50))
  expect(generateText(1, 50)).not.toEqual(generateText(2, 50))
})

test('splitText splits between characters into at most the given number of pieces', () => {
  expect(splitText('a😀b', 3)).toEqual(['a', '😀', 'b'])
  expect(splitText('abcdefg', 3)).toEqual(['abc', 'def', 'g'])
  expect(splitText('', 3)).toEqual([])
})

test('countTokens counts four Latin letters or one character of another script as a token', () => {
  expect(countTokens('abcdefgh')).toBe(2)
  expect(countTokens('你好')).toBe(2)
  expect(countTokens('😀')).toBe(1)
  expect(countTokens('')).toBe(0)
})

test('sampleFromSchema makes a value for a schema of any depth', () => {
  expect(sampleFromSchema({ anyOf: [{ type: 'null' }, { type: 'string' }] }, 1)).toBeNull()
  expect(sampleFromSchema({ type: ['integer', 'null'], minimum: 3 }, 1)).toBe(3)
  expect(
    sampleFromSchema({ properties: { a: { const: 5 }, b: { type: 'array', items: { enum: ['x'] } } } }, 1),
  ).toEqual({
    a: 5,
    b: ['x'],
  })
  const endless: { type: string; properties: Record<string, unknown> } = { type: 'object', properties: {} }
  endless.properties.again = endless
  expect(() => JSON.stringify(sampleFromSchema(endless, 1))).not.toThrow()
})

test('png makes an image with as many pixels as its header says', () => {
  const bytes = png({ width: 20, height: 10, seed: 3 })
  const start = bytes.indexOf('IDAT') + 4
  const length = bytes.readUInt32BE(start - 8)
  expect(inflateSync(bytes.subarray(start, start + length))).toHaveLength(10 * (1 + 3))
})
