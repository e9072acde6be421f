import { headerValue } from '../wire/headers.js'

/** A decimal of seconds or milliseconds. More digits could become an infinite number. */
const decimal = /^\d{1,15}(\.\d{1,15})?$/

/** The longest delay that a date gives: one in another century is a mistake. */
const longestMs = 31 * 24 * 60 * 60_000

/**
 * The delay that an upstream asks for, in milliseconds; undefined for no header or one without meaning.
 * `retry-after-ms` (OpenAI) is finer and comes first. `Retry-After` gives seconds, fractions included, or an HTTP date.
 * A date is compared with the answer's own `Date`, so that our clock does not matter; without one, with `receivedAt`.
 */
export function readRetryAfterMs(headers: readonly string[], receivedAt?: number): number | undefined {
  const milliseconds = headerValue(headers, 'retry-after-ms')?.trim() ?? ''
  if (decimal.test(milliseconds)) return Math.round(Number(milliseconds))
  const value = headerValue(headers, 'retry-after')?.trim() ?? ''
  if (decimal.test(value)) return Math.round(Number(value) * 1000)
  const sentAt = parseHttpDate(headerValue(headers, 'date')?.trim() ?? '', receivedAt) ?? receivedAt
  const until = parseHttpDate(value, sentAt)
  if (until === undefined || sentAt === undefined) return undefined
  return Math.min(Math.max(0, until - sentAt), longestMs)
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const time = String.raw`(\d{2}):(\d{2}):(\d{2})`

/** RFC 9110, 5.6.7: the fixed form, the one of RFC 850, and that of C's asctime. */
const fixedForm = new RegExp(String.raw`^[a-z]{3}, (\d{2}) ([a-z]{3}) (\d{4}) ${time} (?:GMT|UTC)$`, 'i')
const rfc850Form = new RegExp(String.raw`^[a-z]{6,9}, (\d{2})-([a-z]{3})-(\d{2}) ${time} (?:GMT|UTC)$`, 'i')
const asctimeForm = new RegExp(String.raw`^[a-z]{3} ([a-z]{3}) ([ \d]?\d) ${time} (\d{4})$`, 'i')

/** The instant of an HTTP date of any form. `near` settles the century of two-digit years. */
function parseHttpDate(text: string, near: number | undefined): number | undefined {
  const fixed = fixedForm.exec(text)
  if (fixed !== null) {
    const [, day, month, year, ...clock] = fixed
    return instantOf(Number(year), month, day, clock)
  }
  const old = rfc850Form.exec(text)
  if (old !== null) {
    const [, day, month, year, ...clock] = old
    return instantOf(fullYear(Number(year), near), month, day, clock)
  }
  const asctime = asctimeForm.exec(text)
  if (asctime === null) return undefined
  const [, month, day, hours, minutes, seconds, year] = asctime
  return instantOf(Number(year), month, day, [hours, minutes, seconds])
}

/** A year that would lie more than 50 years ahead is the last one past with the same digits. */
function fullYear(digits: number, near: number | undefined): number {
  const nearYear = near === undefined ? 2000 : 1970 + Math.floor(near / 31_556_952_000)
  const year = nearYear - (nearYear % 100) + digits
  return year > nearYear + 50 ? year - 100 : year
}

function instantOf(
  year: number,
  month: string | undefined,
  day: string | undefined,
  clock: readonly (string | undefined)[],
): number | undefined {
  const at = months.indexOf((month ?? '').toLowerCase())
  const [hours = 0, minutes = 0, seconds = 0] = clock.map(Number)
  if (at === -1 || Number(day) < 1 || Number(day) > 31 || hours > 23 || minutes > 59 || seconds > 60)
    return undefined
  // biome-ignore lint/style/noRestrictedGlobals: reading the clock is what is banned; counting days is pure
  return Date.UTC(year, at, Number(day), hours, minutes, seconds)
}
