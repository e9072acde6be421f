import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../runtime.js'
import { cutBytes } from './cut-bytes.js'

test('cutBytes returns parts that make up the whole, and none is empty', () => {
  const anyKind = fc.constantFrom('utf8', 'bytes', 'random')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), anyKind, fc.nat(), (text, kind, seed) => {
      const bytes = Buffer.from(text)
      const parts = cutBytes(bytes, kind as 'utf8', seededRandom(seed))
      expect(Buffer.concat(parts).equals(bytes)).toBe(true)
      expect(parts.every((part) => part.length > 0)).toBe(true)
    }),
  )
})

test('cutBytes with utf8 cuts after the first byte of the first multi-byte character', () => {
  const parts = cutBytes(Buffer.from('ab你c'), 'utf8', Math.random)
  expect(parts.map((part) => part.length)).toEqual([3, 3])
})
