import type { RejectedText } from '@sfpool/core'
import { count } from './count.js'

/** At most this many lines without a key are listed one by one. */
const mostListed = 10

/** Lists the first lines that hold no key, and the number of further ones. */
export function sayRejected(
  say: (text: string) => void,
  given: {
    readonly listed: readonly RejectedText[]
    readonly total: number
    /** Words a line. */
    readonly as: (line: number, reason: string) => string
    /** Where the further lines are. @default nothing */
    readonly place?: string
  },
): void {
  for (const { line, reason } of given.listed.slice(0, mostListed)) say(given.as(line, reason))
  if (given.total > mostListed)
    say(`${count(given.total - mostListed, 'more line')} without a key${given.place ?? ''}`)
}

/** Lists the first lines of a key file that hold no key. */
export function sayRejectedOfFile(
  say: (text: string) => void,
  { rejected, omitted = 0 }: { readonly rejected: readonly RejectedText[]; readonly omitted?: number },
): void {
  sayRejected(say, {
    listed: rejected,
    total: rejected.length + omitted,
    as: (line, reason) => `key file line ${line}: ${reason}`,
    place: ' in the key file',
  })
}
