import { expect, it } from 'vitest'
import { cutToWidth, wrap } from './wrap.js'

it('text is broken between words, and goes on below its beginning', () => {
  expect(wrap('2 invalid  Remove the key, and create another one.', 30, 11)).toBe(
    '2 invalid  Remove the key, and\n           create another one.',
  )
})

it.each([
  ['where the width is unknown', 'one two three', undefined],
  ['that fits', 'one two three four five', 80],
  ['of one long word', 'x'.repeat(60), 40],
])('text %s stays as it is', (_, text, width) => {
  expect(wrap(text, width)).toBe(text)
})

it('colours take no room', () => {
  expect(wrap('\u001b[31mone\u001b[39m two three four five six', 26)).toBe(
    '\u001b[31mone\u001b[39m two three four five\nsix',
  )
})

it('a line is cut to its room, characters of double width counted', () => {
  expect(cutToWidth('12/100 keys', 20)).toBe('12/100 keys')
  expect(cutToWidth('12/100 keys · valid', 12)).toBe('12/100 keys…')
  expect(cutToWidth('钥匙钥匙', 6)).toBe('钥匙…')
})
