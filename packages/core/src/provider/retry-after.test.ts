import { describe, expect, it } from 'vitest'
import { readRetryAfterMs } from './retry-after.js'

describe('readRetryAfterMs', () => {
  const read = (...headers: string[]) => readRetryAfterMs(headers)
  const date = (text: string) => ['date', text]

  it.each([
    ['12', 12_000],
    ['0', 0],
    ['1.5', 1_500],
    [' 30 ', 30_000],
    ['999999999999999', 999_999_999_999_999_000],
  ])('Retry-After of "%s" is read as seconds', (value, lengthMs) => {
    expect(read('retry-after', value)).toBe(lengthMs)
  })

  it('Retry-After with a date is measured from the answer’s own date, so that our clock does not matter', () => {
    const sent = date('Tue, 01 Sep 2026 23:59:50 GMT')
    expect(read(...sent, 'retry-after', 'Wed, 02 Sep 2026 00:00:20 GMT')).toBe(30_000)
    expect(read(...sent, 'retry-after', 'Mon, 31 Aug 2026 00:00:00 GMT')).toBe(0)
    expect(read('retry-after', 'Wed, 02 Sep 2026 00:00:20 GMT')).toBeUndefined()
  })

  it('Retry-After with a date counts the leap day', () => {
    const sent = date('Mon, 28 Feb 2028 23:59:59 GMT')
    expect(read(...sent, 'retry-after', 'Wed, 01 Mar 2028 00:00:00 GMT')).toBe(86_401_000)
  })

  it.each([
    ['the fixed form', 'Wed, 02 Sep 2026 00:00:20 GMT'],
    ['the form of RFC 850', 'Wednesday, 02-Sep-26 00:00:20 GMT'],
    ['the form of asctime', 'Wed Sep  2 00:00:20 2026'],
    ['a zone by another name', 'Wed, 02 Sep 2026 00:00:20 UTC'],
  ])('Retry-After is read in %s, and so is Date', (_name, text) => {
    expect(read(...date('Tue, 01 Sep 2026 23:59:50 GMT'), 'retry-after', text)).toBe(30_000)
    expect(read(...date(text), 'retry-after', 'Wed, 02 Sep 2026 00:00:30 GMT')).toBe(10_000)
  })

  it('without a date of its own, or with one without meaning, an answer is measured from when it came', () => {
    const receivedAt = Date.parse('2026-09-01T23:59:50Z')
    for (const own of [[], date('yesterday'), date('')]) {
      const headers = [...own, 'retry-after', 'Wed, 02 Sep 2026 00:00:20 GMT']
      expect(readRetryAfterMs(headers, receivedAt)).toBe(30_000)
    }
    expect(readRetryAfterMs(['retry-after', 'Tue, 01 Sep 2026 00:00:00 GMT'], receivedAt)).toBe(0)
  })

  it('a year of two digits is taken for the nearest past one when it would lie 50 years ahead', () => {
    const sent = date('Tue, 01 Sep 2026 00:00:00 GMT')
    expect(read(...sent, 'retry-after', 'Sunday, 06-Nov-94 08:49:37 GMT')).toBe(0)
  })

  it('a date that is absurdly far gives a month', () => {
    const sent = date('Tue, 01 Sep 2026 00:00:00 GMT')
    expect(read(...sent, 'retry-after', 'Fri, 31 Dec 9999 23:59:59 GMT')).toBe(31 * 24 * 60 * 60_000)
  })

  it('retry-after-ms in milliseconds comes before Retry-After', () => {
    expect(read('retry-after', '2', 'retry-after-ms', '1500.4')).toBe(1_500)
    expect(read('retry-after', '2', 'retry-after-ms', 'soon')).toBe(2_000)
  })

  it.each(['', '-5', 'soon', '1e3', '0x10', 'Wed, 99 Foo 2026 00:00:00 GMT', '9'.repeat(400)])(
    'Retry-After of "%s" gives no delay',
    (value) => {
      expect(read(...date('Tue, 01 Sep 2026 00:00:00 GMT'), 'retry-after', value)).toBeUndefined()
    },
  )

  it('an answer without Retry-After gives no delay', () => {
    expect(read('content-type', 'text/plain')).toBeUndefined()
  })
})
