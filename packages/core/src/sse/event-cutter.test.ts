import { describe, expect, it } from 'vitest'
import { cutAtRandom } from '../testing/cuts.js'
import { seededRandom } from '../testing/fake-runtime.js'
import { EventCutter } from './event-cutter.js'

const events = [
  'data: {"a":1}',
  'event: x\nid: 1\ndata: zwei 世界 🚀',
  ': comment',
  'data: one\ndata: two',
  'data: [DONE]',
]

/** The events with this line end, in one buffer. */
const streamOf = (lineEnd: string): Buffer =>
  Buffer.from(events.map((event) => `${event}\n\n`.replaceAll('\n', lineEnd)).join(''))

/** The bytes that are passed on for each piece, and those that are held at the end. */
function cut(pieces: readonly Buffer[]): { passed: Buffer[]; held: Buffer } {
  const cutter = new EventCutter()
  return { passed: pieces.map((piece) => Buffer.from(cutter.push(piece))), held: cutter.flush() }
}

const eachByte = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.from([byte]))

describe.each([
  ['LF', '\n'],
  ['CRLF', '\r\n'],
  ['CR', '\r'],
])('EventCutter, for lines that end in %s,', (_name, lineEnd) => {
  const stream = streamOf(lineEnd)
  const ends = new Set<number>()
  for (let at = stream.indexOf(lineEnd + lineEnd); at !== -1; at = stream.indexOf(lineEnd + lineEnd, at + 1))
    ends.add(at + 2 * lineEnd.length)

  it('passes whole events on at once and unchanged', () => {
    expect(cut([stream])).toEqual({ passed: [stream], held: Buffer.alloc(0) })
  })

  it('stops behind the last whole event, wherever the stream is cut', () => {
    for (let at = 1; at < stream.length; at++) {
      const { passed, held } = cut([stream.subarray(0, at)])
      const length = passed[0]?.length ?? 0
      expect(length === 0 || ends.has(length), `cut at ${at} passed ${length}`).toBe(true)
      expect([...ends].filter((end) => end <= at && end > length)).toEqual([])
      expect(Buffer.concat([...passed, held])).toEqual(stream.subarray(0, at))
    }
  })

  it('loses and changes no byte when bytes come one by one', () => {
    const { passed, held } = cut(eachByte(stream))
    expect(Buffer.concat([...passed, held])).toEqual(stream)
    expect(held.length).toBe(0)
    expect(passed.filter(({ length }) => length > 0)).toHaveLength(events.length)
  })

  it('loses and changes no byte for any cuts', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 500; round++) {
      const { passed, held } = cut(cutAtRandom(stream, 1 + (round % 40), random))
      expect(Buffer.concat([...passed, held])).toEqual(stream)
      for (const piece of passed)
        expect(piece.length === 0 || piece.toString().endsWith(lineEnd + lineEnd)).toBe(true)
    }
  })
})

describe('EventCutter, for mixed line ends,', () => {
  it.each(['data: 1\n\r\n', 'data: 1\r\n\n', 'data: 1\r\r\n', 'data: 1\r\n\r', 'data: 1\n\r'])(
    'loses no byte of %j',
    (event) => {
      const stream = Buffer.from(`${event}data: 2\n\ndata: 3\r\n\r\n`)
      const { passed, held } = cut(eachByte(stream))
      expect(Buffer.concat([...passed, held])).toEqual(stream)
      expect(held.length).toBe(0)
    },
  )
})

describe('an unfinished event', () => {
  it('is held, and returned when the stream ends', () => {
    const { passed, held } = cut([Buffer.from('data: 1\n\ndata: 2\n')])
    expect(String(passed[0])).toBe('data: 1\n\n')
    expect(String(held)).toBe('data: 2\n')
  })

  it('is returned once', () => {
    const cutter = new EventCutter()
    cutter.push(Buffer.from('data: 1'))
    expect(String(cutter.flush())).toBe('data: 1')
    expect(cutter.flush().length).toBe(0)
  })

  it('is not held beyond 256 KiB, so that memory stays bounded', () => {
    const cutter = new EventCutter()
    const chunk = Buffer.from('x'.repeat(16 * 1024))
    let held = 0
    let largest = 0
    for (let count = 0; count < 100; count++) {
      held += chunk.length - cutter.push(chunk).length
      largest = Math.max(largest, held)
    }
    expect(largest).toBe(256 * 1024)
  })

  it('loses no byte at any length', () => {
    const stream = Buffer.from(`data: ${'世'.repeat(300_000)}\n\ndata: 2\n\n`)
    const { passed, held } = cut(cutAtRandom(stream, 16 * 1024, seededRandom(3)))
    expect(Buffer.concat([...passed, held]).equals(stream)).toBe(true)
  })
})

it('EventCutter returns the same chunk object when the chunk ends with an event, so that nothing is copied', () => {
  const chunk = Buffer.from('data: 1\n\n')
  expect(new EventCutter().push(chunk)).toBe(chunk)
})
