import { describe, expect, it } from 'vitest'
import { LineBuffer, type LineTarget } from './line-buffer.js'

/** A target that does what a test says, and what was written to it. */
function target() {
  let written = ''
  let code: string | null = null
  let most = Number.POSITIVE_INFINITY
  const write: LineTarget['write'] = (bytes, from, done) => {
    if (code !== null) return done(Object.assign(new Error(code), { code }), 0)
    const part = bytes.subarray(from, from + most)
    written += part.toString()
    done(null, part.length)
  }
  return {
    target: { write, writeNow: () => {} },
    text: () => written,
    fail: (next: string | null) => {
      code = next
    },
    takeAtMost: (bytes: number) => {
      most = bytes
    },
  }
}

const report = (lost: number, reason: string): string => `${lost} lost: ${reason}\n`
const now = (): number => 0

describe('urgent lines', () => {
  it('urgent lines that were refused are counted, and told with the next one', () => {
    const { target: to, text, fail } = target()
    const lines = new LineBuffer(to, now, { report })
    lines.write('one\n', true)
    fail('ENOSPC')
    lines.write('two\n', true)
    lines.write('three\n', true)
    fail(null)
    lines.write('four\n', true)
    expect(text()).toBe('one\n2 lost: ENOSPC\nfour\n')
    lines.write('five\n', true)
    expect(text()).toMatch(/four\nfive\n$/)
  })

  it('an urgent line that is written in parts arrives whole', () => {
    const { target: to, text, takeAtMost } = target()
    takeAtMost(3)
    const lines = new LineBuffer(to, now)
    lines.write('a longer message\n', true)
    lines.write('另一个\n', true)
    expect(text()).toBe('a longer message\n另一个\n')
  })

  it('an urgent line takes the lines before it along, in their order', () => {
    const { target: to, text } = target()
    const lines = new LineBuffer(to, now)
    lines.write('waits\n')
    expect(text()).toBe('')
    lines.write('cannot wait\n', true)
    expect(text()).toBe('waits\ncannot wait\n')
  })

  it('an urgent line that was cut is ended before the next one begins', () => {
    let calls = 0
    let written = ''
    const write: LineTarget['write'] = (bytes, from, done) => {
      calls++
      if (calls === 2) return done(Object.assign(new Error('full'), { code: 'ENOSPC' }), 0)
      const part = calls === 1 ? bytes.subarray(0, 4) : bytes.subarray(from)
      written += part.toString()
      done(null, part.length)
    }
    const lines = new LineBuffer({ write, writeNow: () => {} }, now, { report })
    lines.write('half of it\n', true)
    lines.write('next\n', true)
    expect(written).toBe('half\n1 lost: ENOSPC\nnext\n')
  })

  it('a reader that does not read costs no more than the limit, and an urgent line follows when it reads', () => {
    const held: Parameters<LineTarget['write']>[] = []
    const lines = new LineBuffer({ write: (...call) => void held.push(call), writeNow: () => {} }, now, {
      report,
      limitBytes: 1024 * 1024,
    })
    for (let at = 0; at < 3_000; at++) lines.write(`${'x'.repeat(1_023)}\n`, true)
    let written = ''
    for (let call = held.shift(); call !== undefined; call = held.shift()) {
      const [bytes, from, done] = call
      written += bytes.subarray(from).toString()
      done(null, bytes.length - from)
    }
    expect(written.length).toBeLessThan(1_200_000)
    lines.write('read again\n', true)
    expect(held[0]?.[0].toString()).toMatch(/^(?:\d+ lost: nobody reads them\n)?read again\n$/)
  })
})
