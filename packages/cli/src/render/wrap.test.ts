import { expect, it } from 'vitest'
import { cutToWidth, wrap } from './wrap.js'

it('wrap breaks text between words and indents the following lines', () => {
  expect(wrap('2 invalid  Remove the key, and create another one.', 30, 11)).toBe(
    '2 invalid  Remove the key, and\n           create another one.',
  )
})

it.each([
  ['when the width is unknown', 'one two three', undefined],
  ['when it fits', 'one two three four five', 80],
  ['when it is one long word', 'x'.repeat(60), 40],
])('wrap leaves text unchanged %s', (_, text, width) => {
  expect(wrap(text, width)).toBe(text)
})

it('wrap counts colour codes as no columns', () => {
  expect(wrap('\u001b[31mone\u001b[39m two three four five six', 26)).toBe(
    '\u001b[31mone\u001b[39m two three four five\nsix',
  )
})

it('cutToWidth cuts a line to its width and counts wide characters as two columns', () => {
  expect(cutToWidth('12/100 keys', 20)).toBe('12/100 keys')
  expect(cutToWidth('12/100 keys · valid', 12)).toBe('12/100 keys…')
  expect(cutToWidth('钥匙钥匙', 6)).toBe('钥匙…')
})
