import { describe, expect, it } from 'vitest'
import { parseKeys } from './parse-keys.js'
import { readKeys } from './read-keys.js'

const a = `sk-fake${'a'.repeat(40)}`
const b = `sk-fake${'b'.repeat(40)}`
/** The middle label is U+5723 U+8BDE: its bytes in UTF-16 hold those of `#` and of a line feed's neighbours. */
const text = `key,label\r\n${a},圣诞\r\n\r\n${b},上一\r\n`

const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16()
const little = (content: string): Buffer => Buffer.from(content, 'utf16le')

async function inPieces(bytes: Uint8Array, size: number): Promise<[number, string][]> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  )
  const found: [number, string][] = []
  for await (const { keys, rejected } of readKeys(pieces)) {
    expect(rejected).toEqual([])
    for (const { line, secret } of keys) found.push([line, secret])
  }
  return found
}

describe('key texts in other encodings', () => {
  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16 LE', little(text)],
    ['UTF-16 LE with a byte order mark', little(`\ufeff${text}`)],
    ['UTF-16 BE', swapped(little(text))],
    ['UTF-16 BE with a byte order mark', swapped(little(`\ufeff${text}`))],
  ])('keys of a file in %s keep their lines, beside Chinese labels', async (_, bytes) => {
    const expected = [
      [2, a],
      [4, b],
    ]
    expect(parseKeys(bytes).keys.map(({ line, secret }) => [line, secret])).toEqual(expected)
    for (const size of [1, 3, 7, 1_000]) expect(await inPieces(bytes, size)).toEqual(expected)
  })

  it('UTF-16 that was read as UTF-8 by the caller is decoded again, labels that look like # included', () => {
    const misread = new TextDecoder().decode(little(`${a} 圣\n${b}\n`).subarray(0))
    expect(parseKeys(misread).keys.map(({ secret }) => secret)).toEqual([a, b])
  })

  it('a text in UTF-16 that lost characters when it was read is reported', () => {
    const misread = new TextDecoder().decode(little(`\ufeff${a} 余额\n${b}\n`))
    expect(parseKeys(misread).rejected[0]).toEqual({
      line: 1,
      reason: 'the text is in UTF-16 and was read as another encoding; save the file as UTF-8',
    })
  })

  it('lines in GBK are reported by number, and their keys found', () => {
    const label = Buffer.from([0xb1, 0xb8, 0xd7, 0xa2])
    const bytes = Buffer.concat([Buffer.from(`${a}\n${b},`), label, Buffer.from(`\n# `), label])
    const { keys, rejected } = parseKeys(bytes)
    expect(keys.map(({ secret }) => secret)).toEqual([a, b])
    expect(rejected.map(({ line }) => line)).toEqual([2, 3])
    expect(rejected[0]?.reason).toMatch(/not UTF-8 .*; save the file as UTF-8$/)
  })

  it('a text in UTF-32 is refused with the encoding to save it as', () => {
    const wide = Buffer.concat([...`${a}\n`].map((mark) => Buffer.from([mark.charCodeAt(0), 0, 0, 0])))
    expect(parseKeys(wide).rejected[0]?.reason).toBe('the text is in UTF-32; save the file as UTF-8')
    expect(parseKeys(wide.swap32()).rejected[0]?.reason).toBe('the text is in UTF-32; save the file as UTF-8')
  })

  it('a file of NULs is reported, not taken for an empty one', () => {
    expect(parseKeys(Buffer.alloc(100)).rejected).toHaveLength(1)
    expect(parseKeys(`${a}\n${'\0'.repeat(200)}`).rejected[0]?.reason).toMatch(/NUL characters/)
  })
})

describe('characters that people paste', () => {
  it.each(['\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028', '\u2029'])(
    'the line break %j ends a line, and counts as one',
    (lineBreak) => {
      const found = parseKeys(`${a}${lineBreak}${b}${lineBreak}oops`)
      expect(found.keys.map(({ line, secret }) => [line, secret])).toEqual([
        [1, a],
        [2, b],
      ])
      expect(found.rejected.map(({ line }) => line)).toEqual([3])
    },
  )

  it.each([
    ...'，；、｜﹐﹔﹑\u3000\u2003\u202f\u001e\u001f\u2800',
    ...['》《', '」「', '］［', '〕〔', '”“', '’‘', '»«', '›‹', '＞＜', '｝｛', '（', '：'],
  ])('%j between two keys separates them', (mark) => {
    expect(parseKeys(`${a}${mark}${b}`)).toMatchObject({ keys: [{ secret: a }, { secret: b }], rejected: [] })
  })

  it.each([...'\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u115f\u180e\u3164\ufe0f\uffa0'])(
    'the invisible character %j within a key is no part of it',
    (mark) => {
      expect(parseKeys(`${mark}${a.slice(0, 9)}${mark}${a.slice(9)}${mark}`)).toMatchObject({
        keys: [{ secret: a }],
        rejected: [],
      })
    },
  )

  it('quotes, brackets and comment marks in full width do what the narrow ones do', () => {
    expect(parseKeys(`＂${a}＂：＂12.5＂\n＃ note\n［${b}］ ＃ note`)).toEqual({
      keys: [
        { line: 1, secret: a, balance: '12.5' },
        { line: 3, secret: b },
      ],
      rejected: [],
    })
  })

  it('colours of a terminal around a key are no part of it', () => {
    expect(parseKeys(`\u001b[1;32m${a}\u001b[0m`)).toEqual({ keys: [{ line: 1, secret: a }], rejected: [] })
  })

  it('a long dash that an editor made of two dashes separates a key and its balance', () => {
    expect(parseKeys(`${a}——12.5`).keys).toEqual([{ line: 1, secret: a, balance: '12.5' }])
  })
})
