import { expect, it } from 'vitest'
import { plainLetters } from './plain-letters.js'

it.each([
  ['\\u0073\\u006b-\\u0031', 'sk-1'],
  ['\\\\\\\\u0073k', 'sk'],
  ['\\x73\\x6B%2d%2D1', 'sk--1'],
  ['%2573%25256b', 'sk'],
  ['&#115;&#x6b;&#0107;&#x0006b', 'skkk'],
])('%s without escapes of letters is %s', (text, plain) => {
  expect(plainLetters(text)).toBe(plain)
})

it.each([
  'plain',
  '100% & more',
  '\\u0022 \\u000a %22 %0a &#34; &#x3c; &lt;',
  '\\u4e2d %e4%b8%ad',
  '\\\\',
  '%2',
  '&#1;',
])('the escapes of signs stay as they are: %s', (text) => {
  expect(plainLetters(text)).toBe(text)
})

it.each(['\\', '%25', '%', '&#0', '&#x0', '0'])('a million times %s is passed over in one go', (piece) => {
  const text = `&#${piece.repeat(1_000_000)}`
  expect(plainLetters(text)).toBe(text)
})
