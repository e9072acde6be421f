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
