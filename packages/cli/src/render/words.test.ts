import { describe, expect, it } from 'vitest'
import { colorsFor } from './colors.js'
import { count, countWords } from './count.js'
import { progressLine } from './progress-line.js'
import { oneLine, scrub } from './scrub.js'
import { ago, span, until } from './time.js'

describe('time in words', () => {
  it.each([
    [0, '0s'],
    [400, '1s'],
    [59_000, '59s'],
    [61_000, '61s'],
    [119_500, '2m'],
    [121_000, '3m'],
    [7_199_000, '2h'],
    [7_200_000, '2h'],
    [90_000_000, '25h'],
  ])('span formats %i ms as %s', (lengthMs, words) => {
    expect(span(lengthMs)).toBe(words)
  })

  it('ago and until format instants in the past and the future', () => {
    const now = Date.parse('2026-01-01T00:10:00Z')
    expect(ago('2026-01-01T00:08:00.000Z', now)).toBe('2m ago')
    expect(ago('2026-01-01T00:10:00.000Z', now)).toBe('now')
    expect(until('2026-01-01T00:10:40.000Z', now)).toBe('in 40s')
    expect(until('2025-01-01T00:00:00.000Z', now)).toBe('in 0s')
  })
})

describe('counts in words', () => {
  it('count uses the singular for one', () => {
    expect([count(1, 'key'), count(0, 'key'), count(12_345, 'key')]).toEqual([
      '1 key',
      '0 keys',
      '12,345 keys',
    ])
  })

  it('countWords puts the most frequent word first', () => {
    expect(countWords(['bad', 'good', 'good'])).toBe('2 good, 1 bad')
  })
})

describe('the line of progress', () => {
  it('progressLine shows only the number of keys before the first result', () => {
    expect(progressLine({ done: 0, total: 9, elapsedMs: 0, counts: new Map() })).toBe('0/9 keys')
  })

  it('progressLine shows rate, remaining time and verdicts after the first result', () => {
    const counts = new Map([
      ['valid', 9],
      ['invalid', 1],
    ])
    expect(progressLine({ done: 10, total: 100, elapsedMs: 5_000, counts })).toBe(
      '10/100 keys · 2.0/s · 45s left · 9 valid, 1 invalid',
    )
  })
})

describe('text of others', () => {
  it('scrub removes keys and credentials from foreign text', () => {
    const key = `sk-${'fake'.repeat(12)}`
    expect(scrub(`unknown command '${key}'`)).toBe("unknown command 'sk-fa…fake'")
    expect(scrub('http://me:hush@host/')).toBe('http://…@host/')
  })

  it('oneLine turns foreign text into one line without control characters', () => {
    expect(oneLine(' a\n\u001b]0;title\u0007b ')).toBe('a ]0;title b')
  })
})

describe('colours', () => {
  const isColored = (given: Partial<Parameters<typeof colorsFor>[0]>): boolean =>
    colorsFor({ asked: undefined, isTTY: true, environment: {}, ...given }).isColorSupported
  it('colours are used for terminals that support them', () => {
    expect(isColored({})).toBe(true)
    expect(isColored({ isTTY: false })).toBe(false)
    expect(isColored({ environment: { TERM: 'dumb' } })).toBe(false)
  })

  it('colours follow --no-color, then NO_COLOR, then FORCE_COLOR', () => {
    expect(isColored({ asked: false, environment: { FORCE_COLOR: '1' } })).toBe(false)
    expect(isColored({ environment: { NO_COLOR: '1', FORCE_COLOR: '1' } })).toBe(false)
    expect(isColored({ environment: { NO_COLOR: '' } })).toBe(true)
    expect(isColored({ isTTY: false, environment: { FORCE_COLOR: '1' } })).toBe(true)
  })
})
