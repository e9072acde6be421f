import { afterEach, expect, it, vi } from 'vitest'
import { HeldBytes } from './held-bytes.js'

afterEach(() => {
  vi.restoreAllMocks()
})

it('HeldBytes gives back what it was given, in one piece, however it was cut', () => {
  const held = new HeldBytes()
  const pieces = Array.from({ length: 5_000 }, (_, at) => Buffer.alloc(at % 97 === 0 ? 2_000 : at % 5, at))
  for (const piece of pieces) held.add(piece)
  const whole = Buffer.concat(pieces)
  expect(held.size).toBe(whole.length)
  expect(held.take().equals(whole)).toBe(true)
  expect(held.size).toBe(0)
})

it('HeldBytes holds a hundred thousand pieces of one byte as a few larger ones', () => {
  const held = new HeldBytes()
  for (let at = 0; at < 100_000; at++) held.add(Buffer.from([at]))
  const concat = vi.spyOn(Buffer, 'concat')
  held.take()
  expect(concat.mock.calls[0]?.[0].length).toBeLessThan(2_000)
})
