import { createParser } from 'eventsource-parser'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { randomStream } from '../testing/random-stream.js'
import { EventScanner } from './event-scanner.js'

type Scanned = [name: string | undefined, data: string]

/** What a scanner finds in these pieces: whole events, and the lengths of what is kept of long ones. */
function scan(pieces: Iterable<string>, longest?: number): { events: Scanned[]; long: string[][] } {
  const events: Scanned[] = []
  const long: string[][] = []
  const scanner = new EventScanner(
    {
      onEvent: (name, data) => events.push([name, data]),
      onLongEvent: (name, start, end) => long.push([name ?? '', start, end]),
    },
    longest,
  )
  for (const piece of pieces) scanner.push(piece)
  return { events, long }
}

function parsed(text: string): Scanned[] {
  const events: Scanned[] = []
  createParser({ onEvent: ({ event, data }) => events.push([event, data]) }).feed(text)
  return events
}

describe('EventScanner', () => {
  it.each([
    ['fields it knows and others', 'id: 1\nevent: a\nretry: 5\n: note\nx\ndata: 1\n\ndata:2\ndata:  3\n\n'],
    [
      'fields without a colon or value',
      'data\n\nevent\ndata:\n\ndata: \n\ndatax: 1\n\neventual: 1\ndata: y\n\n',
    ],
    ['events without data', 'event: ping\n\n\n\n: only\n\ndata: z\n\n'],
    ['mixed line ends', 'data: 1\r\ndata: 2\r\r\ndata: 3\n\rdata: 4\r\n\r\n'],
    ['no end', 'data: 1\n\ndata: 2\n'],
  ])('reads %s as the parser of the SDKs does', (_what, text) => {
    // The parser waits for what follows a CR at the end.
    expect(scan([text]).events).toEqual(parsed(`${text}:`))
    expect(scan(text).events, 'character by character').toEqual(parsed(`${text}:`))
  })

  it('reads random streams as the parser of the SDKs does, for any cuts', () => {
    const random = seededRandom(5)
    for (let round = 0; round < 300; round++) {
      const text = randomStream(random)
        .bytes.toString()
        .replace(/^\uFEFF/, '')
      const cuts = Array.from({ length: 8 }, () => Math.floor(random() * text.length)).sort((a, b) => a - b)
      const pieces = [0, ...cuts].map((start, at) => text.slice(start, cuts[at] ?? text.length))
      expect(scan(pieces).events, `round ${round}`).toEqual(parsed(`${text}:`))
    }
  })

  it('keeps only the ends of an event that is too long, and reads the next one whole', () => {
    const long = `data: [start]${'x'.repeat(50_000)}[end]\n\n`
    const { events, long: seen } = scan([long, 'data: next\n\n'], 1_000)
    expect(events).toEqual([[undefined, 'next']])
    expect(seen).toEqual([['', expect.stringMatching(/^\[start\]x/), expect.stringMatching(/x\[end\]$/)]])
    expect(seen[0]?.map((text) => text.length <= 4_096)).toEqual([true, true, true])
  })

  it.each([
    ['one line that never ends', () => 'x'.repeat(1_000)],
    ['one data line that never ends', (at: number) => (at === 0 ? 'data: ' : 'x'.repeat(1_000))],
    ['data lines without a blank one', () => `data: ${'x'.repeat(500)}\n`],
    ['empty data lines without a blank one', () => 'data:\n'.repeat(200)],
    ['a name that never ends', (at: number) => (at === 0 ? 'event: ' : 'x'.repeat(1_000))],
  ])('keeps no more than its limit of %s', (_what, piece) => {
    const longest = 20_000
    const { events, long } = scan(
      [...Array.from({ length: 500 }, (_, at) => piece(at)), '\n\n', 'data: next\n\n'],
      longest,
    )
    expect(events).toEqual([[undefined, 'next']])
    for (const parts of long) expect(parts.join('').length).toBeLessThanOrEqual(8_192)
  })
})

describe('the work of a scanner is linear in the text', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  /** The characters that are searched or copied while these pieces are scanned. */
  function workOf(pieces: readonly string[]): number {
    let work = 0
    const { indexOf, slice } = String.prototype
    vi.spyOn(String.prototype, 'indexOf').mockImplementation(function (this: string, text, from = 0) {
      const found = indexOf.call(this, text, from)
      work += (found === -1 ? this.length : found) - from
      return found
    })
    vi.spyOn(String.prototype, 'slice').mockImplementation(function (this: string, ...range) {
      const cut = slice.apply(this, range)
      work += cut.length
      return cut
    })
    scan(pieces)
    vi.restoreAllMocks()
    return work
  }

  it.each([
    ['lines that are no fields', 'x\n'],
    ['blank lines', '\n'],
    ['lines that end with CR', 'x\r'],
    ['blank lines of CR', '\r'],
    ['fields that end with CR', 'data: x\r'],
    ['events that end with CR', 'data: x\r\r'],
    ['lines of LF and of CR', 'x\ny\r'],
    ['empty data lines', 'data:\n'],
    ['letters without a line', 'x'],
  ])('%s', (_what, unit) => {
    const text = unit.repeat(64_000 / unit.length)
    const whole = workOf([text])
    expect(whole).toBeLessThan(8 * text.length)
    const chunks = Array.from({ length: 1_000 }, (_, at) => text.slice(at * 64, at * 64 + 64))
    expect(workOf(chunks), 'in small pieces').toBeLessThan(8 * text.length)
    const atUnits = Array.from({ length: Math.floor(text.length / unit.length) }, () => unit)
    expect(workOf(atUnits), 'cut behind each').toBeLessThan(8 * text.length)
  })
})
