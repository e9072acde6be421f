import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseKeys } from './parse-keys.js'
import type { ParsedKeys } from './parsed-keys.js'
import { readKeys } from './read-keys.js'

async function readAll(pieces: Iterable<string>): Promise<ParsedKeys> {
  const all: ParsedKeys = { keys: [], rejected: [] }
  for await (const { keys, rejected } of readKeys(pieces)) {
    all.keys.push(...keys)
    all.rejected.push(...rejected)
  }
  return all
}

const key = (name: string) => `sk-fake${name.repeat(20)}`

describe('readKeys', () => {
  it('readKeys gives what parseKeys gives, wherever the text is cut', async () => {
    const line = fc.constantFrom(
      key('a'),
      `${key('b')},12.5`,
      `"${key('c')}"`,
      '# note',
      '',
      'oops',
      '{"key":',
      `"${key('d')}"`,
      ', "balance": 3}',
    )
    const text = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 12 })
      .map((lines) => lines.flat().join(''))
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(text, cuts, async (whole, at) => {
        const ends = [0, ...at.map((cut) => Math.min(cut, whole.length)).sort((a, b) => a - b), whole.length]
        const pieces = ends.slice(1).map((end, index) => whole.slice(ends[index], end))
        expect(await readAll(pieces)).toEqual(parseKeys(whole))
      }),
      { seed: 20_251_121 },
    )
  })

  it('readKeys gives each key soon after the end of its line', async () => {
    const given: number[] = []
    function* lines() {
      for (let count = 0; count < 1_000; count++) {
        yield `${key('a')}${count}\n`
        given.push(count)
      }
    }
    const reading = readKeys(lines())
    const { value } = await reading.next()
    expect(value?.keys).toHaveLength(1)
    expect(given.length).toBeLessThan(5)
    await reading.return()
  })

  it('readKeys takes linear time for a very long line', async () => {
    const pieces = Array.from({ length: 20_000 }, () => `${key('a')} `)
    expect((await readAll(pieces)).keys).toHaveLength(20_000)
  })

  it('readKeys reads a text that Windows saved as UTF-16', async () => {
    const text = `\ufffd\ufffd${[...`${key('a')}\n${key('b')}`].join('\0')}\0`
    expect((await readAll([text.slice(0, 31), text.slice(31)])).keys).toHaveLength(2)
  })
})
