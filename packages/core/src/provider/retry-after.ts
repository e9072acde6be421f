import { headerValue } from '../wire/headers.js'

/** A decimal of seconds or milliseconds. More digits could become an infinite number. */
const decimal = /^\d{1,15}(\.\d{1,15})?$/
/** RFC 9110's IMF-fixdate. */
const httpDate = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/**
 * The delay that an upstream asks for, in milliseconds; undefined for no header or one without meaning.
 * `retry-after-ms` (OpenAI) is finer and comes first. `Retry-After` gives seconds, fractions included, or an HTTP date,
 * which is compared with the answer's own `Date`, so that our clock does not matter.
 */
export function readRetryAfterMs(headers: readonly string[]): number | undefined {
  const milliseconds = headerValue(headers, 'retry-after-ms')?.trim() ?? ''
  if (decimal.test(milliseconds)) return Math.round(Number(milliseconds))
  const value = headerValue(headers, 'retry-after')?.trim() ?? ''
  if (decimal.test(value)) return Math.round(Number(value) * 1000)
  const until = parseHttpDate(value)
  const sentAt = parseHttpDate(headerValue(headers, 'date') ?? '')
  return until === undefined || sentAt === undefined ? undefined : Math.max(0, until - sentAt)
}

function parseHttpDate(text: string): number | undefined {
  if (!httpDate.test(text)) return undefined
  // biome-ignore lint/style/noRestrictedGlobals: reading the clock is what is banned; parsing a date is pure
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
