import { describe, expect, it } from 'vitest'
import { LineCutter } from './line-cutter.js'
import { parseKeys } from './parse-keys.js'
import { readKeys } from './read-keys.js'
import { tokenize } from './tokenize.js'

const key = `sk-fake${'a'.repeat(40)}`
const size = 2 ** 20
const filled = (unit: string): string => unit.repeat(size / unit.length)

/** What a line or a text may be full of: patterns that recurse over it would end the process. */
const units = [
  ...[
    ' ',
    ',',
    '"',
    "'",
    '`',
    '"\'',
    '[',
    '{',
    '(',
    ')',
    '[]',
    '\\',
    ',"\\',
    '"\\\\',
    '#',
    ':',
    '=',
    '-',
    '<',
    '>',
  ],
  ...[
    '.',
    '***',
    '1',
    '1,',
    'a ',
    'a:',
    'a=1,',
    'sk-x ',
    '<a>',
    '余额 ',
    '，',
    '\t',
    '\0',
    '\u200b',
    '\u2028',
    '—',
  ],
  ...[
    'export ',
    'http://a/ ',
    'http://a/?key=',
    '2024-01-01 ',
    '"a \'b `c` d\' e" ',
    '"1,000",',
    'sk-ab…wxyz ',
  ],
]

describe('hostile key texts', () => {
  it.each(['a', 'cny', 'a:b', 'key=abc', 'balance:abc', 'sk-', 'sk-x', 'sk-abc123'])(
    'lines of %j that are no longer listed are counted one by one, and hide no key between them',
    (line) => {
      const lines = (count: number): string => `${line}\n`.repeat(count)
      const { keys, rejected, omitted } = parseKeys(
        `${lines(10_500)}${key},1\n${lines(300)}{"key": "${key}b",\n${line}\n"balance": 7}\n${lines(200)}`,
      )
      expect(keys).toEqual([
        { line: 10_501, secret: key, balance: '1' },
        { line: 10_802, secret: `${key}b`, balance: '7' },
      ])
      expect(rejected).toHaveLength(10_000)
      expect(omitted).toBeGreaterThanOrEqual(1_000)
      expect(omitted).toBeLessThanOrEqual(1_001)
    },
  )

  it.each(units)('a line full of %j does not hide the key on the next line', (unit) => {
    expect(parseKeys(`${filled(unit)}\n${key}`).keys).toContainEqual({
      line: expect.any(Number),
      secret: key,
    })
  })

  // Lines of NULs alone are lines in UTF-16, after which nothing else can be read.
  it.each(units.filter((unit) => unit !== '\0'))(
    'lines of %j do not hide the key at the end, and are reported up to a number',
    (unit) => {
      const { keys, rejected } = parseKeys(`${`${unit}\n`.repeat(20_000)}\n${key}`)
      expect(keys.map(({ secret }) => secret)).toContain(key)
      expect(rejected.length).toBeLessThanOrEqual(10_000)
    },
  )

  it('reports beyond the first ten thousand are counted, not kept', () => {
    expect(parseKeys('oops\n'.repeat(25_000))).toMatchObject({
      omitted: 15_000,
      rejected: { length: 10_000 },
    })
  })

  it('reports that readKeys does not list are counted in whatever piece they are', async () => {
    let listed = 0
    let counted = 0
    for await (const { rejected, omitted = 0 } of readKeys(
      Array.from({ length: 250 }, () => 'oops\n'.repeat(100)),
    )) {
      listed += rejected.length
      counted += omitted
    }
    expect([listed, counted]).toEqual([10_000, 15_000])
  })

  it('reports of one line beyond the first hundred are counted, not kept', () => {
    const { rejected } = parseKeys('sk-x '.repeat(5_000))
    expect(rejected).toHaveLength(101)
    expect(rejected.at(-1)?.reason).toBe('4900 more texts on this line are not keys')
  })

  it('a run of one mark makes a bounded number of tokens', () => {
    for (const mark of [',', '[', ':', '}'])
      expect(tokenize(mark.repeat(size)).tokens.length).toBeLessThan(1_002)
  })

  it('a line with more words than any key file has is cut, and that is reported', () => {
    expect(parseKeys('a '.repeat(600_000)).rejected.at(-1)?.reason).toMatch(
      /too many words: its end was not read/,
    )
  })

  it('a line without an end is held up to a length, and marked as cut', () => {
    const lines: [number, boolean][] = []
    const cutter = new LineCutter((text, isCut) => lines.push([text.length, isCut]))
    for (let at = 0; at < 40; at++) cutter.push('a'.repeat(2 ** 19))
    cutter.push('\nb')
    cutter.finish()
    expect(lines).toEqual([
      [2 ** 24, true],
      [1, false],
    ])
  })
})
