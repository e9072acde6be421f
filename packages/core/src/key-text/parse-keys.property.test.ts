import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseKeys } from './parse-keys.js'

const a = 'sk-fakeaaaaaaaaaaaaaaaaaaaaaaaa'
const b = 'sk-fakebbbbbbbbbbbbbbbbbbbbbbbb'
const c = 'gsk_fakecccccccc1234567890'
const seed = 20_251_121

describe('parseKeys with any text', () => {
  const alphabet = `abcXYZ0123456789_-`
  const token = fc
    .string({ unit: fc.constantFrom(...alphabet), minLength: 16, maxLength: 60 })
    // A dash at the end would look like a separator of dashes.
    .map((text) => `sk-${text}z`)
    .filter((text) => !text.includes('----'))
  const amount = fc
    .tuple(fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 0, max: 99 }))
    .map((parts) => parts.join('.'))
  const scrap = fc.constantFrom(
    ...[
      a,
      b,
      c,
      'sk-',
      '----',
      '12.5',
      '7',
      'key',
      'balance',
      'oops',
      'Bearer',
      'https://',
      '…',
      '\\',
      '\u200b',
      '\ud83d',
    ],
    ...[
      '\n',
      '\r',
      '\r\n',
      ' ',
      '\t',
      ',',
      ';',
      '|',
      ':',
      '=',
      '#',
      '"',
      "'",
      '`',
      '“',
      '’',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
    ],
  )
  const soup = fc
    .array(fc.oneof(scrap, fc.string({ maxLength: 5 })), { maxLength: 60 })
    .map((parts) => parts.join(''))

  it('parseKeys finds every key between separators, in order, on its line', () => {
    const separator = fc.constantFrom(
      '\n',
      '\r\n',
      ',',
      ', ',
      ' ',
      ';',
      '\t',
      '|',
      '\n\n',
      ' # comment\n',
      '", "',
      "','",
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(token, separator), { maxLength: 20 }), (pairs) => {
        let text = ''
        const expected = pairs.map(([secret, after]) => {
          const line = text.split(/\r\n|\n/).length
          text += secret + after
          return { line, secret }
        })
        expect(parseKeys(text)).toEqual({ keys: expected, rejected: [] })
      }),
      { seed },
    )
  })

  it('parseKeys keeps every balance exactly as it was written', () => {
    const form = fc.constantFrom<(key: string, money: string) => string>(
      (key, money) => `${key},${money}`,
      (key, money) => `${key}----${money}`,
      (key, money) => `${key}|${money}`,
      (key, money) => `${key}:${money}`,
      (key, money) => `${key}\t${money}`,
      (key, money) => `${key} = ${money}`,
      (key, money) => `${key}(${money})`,
      (key, money) => `${key}[${money}]`,
      (key, money) => `"${key}","${money}"`,
      (key, money) => JSON.stringify({ key, balance: money }),
      (key, money) => JSON.stringify({ balance: money, key }),
      (key, money) => JSON.stringify([{ secret: key, balance: { amount: money } }], null, 2),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(token, amount, form), { maxLength: 12 }), (entries) => {
        const text = entries.map(([key, money, write]) => write(key, money)).join('\n')
        const expected = entries.map(([key, money]) => `${key} ${money}`)
        const { keys, rejected } = parseKeys(text)
        expect(rejected).toEqual([])
        expect(keys.map(({ secret, balance }) => `${secret} ${balance}`)).toEqual(expected)
      }),
      { seed },
    )
  })

  it('parseKeys gives only well-formed keys, amounts and lines, and no secret in a reason', () => {
    fc.assert(
      fc.property(soup, (text) => {
        const lineCount = text.split(/\r\n|\r|\n/).length
        const { keys, rejected } = parseKeys(text)
        for (const { line, secret, balance } of keys) {
          expect(secret).toMatch(/^(?:sk-[A-Za-z0-9_-]{16,}|[A-Za-z0-9_.-]{20,})$/)
          expect(balance ?? '0').toMatch(/^-?\d+(?:\.\d+)?$/)
          expect(line).toBeLessThanOrEqual(lineCount)
        }
        for (const { line, reason } of rejected) {
          expect(line).toBeLessThanOrEqual(lineCount)
          for (const secret of [a, b, c]) expect(reason).not.toContain(secret.slice(6, -4))
        }
      }),
      { numRuns: 500, seed },
    )
  })

  it.each([
    '.',
    '"',
    "'",
    "' ",
    "'\\",
    '[',
    '{',
    '(',
    'a:',
    '…',
    '-',
    '*x',
    '#"',
    'https://',
    '1,',
    '"1,',
    '----',
    'sk-a----',
    '<',
    '12:',
    '2025-1-1',
    '_sk-',
    '“ ',
  ])('parseKeys reads a long line of %j in linear time', (scrap) => {
    // Time that grew with the square of the length would run into the test's time limit here.
    expect(parseKeys(`${scrap.repeat(300_000)}\n${a}`).keys).toContainEqual({ line: 2, secret: a })
  })
})
