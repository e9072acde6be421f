import { describe, expect, it } from 'vitest'
import { LossyWriter, type SystemWrite } from './lossy-writer.js'

/** A descriptor that does what a test says, and what was written to it. */
function descriptor(): {
  write: SystemWrite
  text: () => string
  fail: (code: string | null) => void
  most: (bytes: number) => void
} {
  let written = ''
  let code: string | null = null
  let most = Number.POSITIVE_INFINITY
  return {
    write: (bytes, from, done) => {
      if (code !== null) return done(Object.assign(new Error(code), { code }), 0)
      const part = bytes.subarray(from, from + most)
      written += part.toString()
      done(null, part.length)
    },
    text: () => written,
    fail: (next) => {
      code = next
    },
    most: (bytes) => {
      most = bytes
    },
  }
}

describe('what a server says', () => {
  it('messages that a full disk refused are counted, and told with the next one', () => {
    const { write, text, fail } = descriptor()
    const writer = new LossyWriter(write)
    writer.write('one\n')
    fail('ENOSPC')
    writer.write('two\n')
    writer.write('three\n')
    fail(null)
    writer.write('four\n')
    expect(text()).toBe('one\n2 messages were lost: the disk is full\nfour\n')
    writer.write('five\n')
    expect(text()).toMatch(/four\nfive\n$/)
  })

  it('a message that is written in parts arrives whole', () => {
    const { write, text, most } = descriptor()
    most(3)
    const writer = new LossyWriter(write)
    writer.write('a longer message\n')
    writer.write('另一个\n')
    expect(text()).toBe('a longer message\n另一个\n')
  })

  it('a message that was cut is ended before the next one begins', () => {
    let calls = 0
    let written = ''
    const writer = new LossyWriter((bytes, from, done) => {
      calls++
      if (calls === 2) return done(Object.assign(new Error('full'), { code: 'ENOSPC' }), 0)
      const part = calls === 1 ? bytes.subarray(0, 4) : bytes.subarray(from)
      written += part.toString()
      done(null, part.length)
    })
    writer.write('half of it\n')
    writer.write('next\n')
    expect(written).toBe('half\n1 message was lost: the disk is full\nnext\n')
  })

  it('a reader that does not read costs no more than a megabyte', () => {
    let held: Parameters<SystemWrite>[] = []
    let written = ''
    const writer = new LossyWriter((...call) => held.push(call))
    for (let at = 0; at < 3_000; at++) writer.write(`${'x'.repeat(1_023)}\n`)
    writer.write('lost, too\n')
    while (held.length > 0) {
      const calls = held
      held = []
      for (const [bytes, from, done] of calls) {
        written += bytes.subarray(from).toString()
        done(null, bytes.length - from)
      }
    }
    expect(written.length).toBeLessThan(1_100_000)
    expect(written).toMatch(/\n1976 messages were lost: nobody reads them\n/)
    writer.write('read again\n')
    expect(held).toHaveLength(1)
    expect(held[0]?.[0].toString()).toBe('read again\n')
  })
})
