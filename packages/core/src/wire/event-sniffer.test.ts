import { describe, expect, it } from 'vitest'
import { EventSniffer } from './event-sniffer.js'

const sniff = (text: string): boolean | null => new EventSniffer().push(Buffer.from(text))

describe('EventSniffer', () => {
  it.each(['data: x', 'data:', ': note', 'event: a', 'id: 1', 'retry: 5', '\n\n data:x', '\uFEFFdata: x'])(
    'knows a stream of events by %j, however it is cut',
    (text) => {
      expect(sniff(text)).toBe(true)
      const sniffer = new EventSniffer()
      const verdicts = Array.from(Buffer.from(text), (byte) => sniffer.push(Buffer.from([byte])))
      expect(verdicts).toContain(true)
      expect(verdicts.slice(0, verdicts.indexOf(true)).every((verdict) => verdict === null)).toBe(true)
    },
  )

  it.each([
    '{"a":1}',
    '[1]',
    ' \n{',
    '<html>',
    'datum',
    'date: x',
    'error',
    'ideas: x',
    'ID3\u0004',
    '\uFEFF{',
  ])('knows that %j is none', (text) => {
    expect(sniff(text)).toBe(false)
  })

  it.each(['', ' \r\n', 'da', 'even', '\uFEFF'])('does not know yet what %j is', (text) => {
    expect(sniff(text)).toBeNull()
  })
})
