import { KeyPoolError } from '../../errors.js'
import { NoFinalAnswerError } from '../../transport/no-final-answer-error.js'
import type { Ending } from './ending.js'
import { replyOf } from './reply-of.js'

/** Codes of undici for what it refuses, beside its parser. A status below 100 fails an assertion of its own. */
const codes: ReadonlySet<unknown> = new Set([
  'ERR_ASSERTION',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
])

/** What undici says of a switch of protocols (101) that nobody asked for. */
const badUpgrade = 'bad upgrade'

/** Whether a call failed because what came back is no HTTP: a bad status line, header, length or chunk. */
export function isNoHttp(error: Error): boolean {
  // Its code is missing where undici does not know the parser's newer codes.
  if (error.name === 'HTTPParserError' || error.message === badUpgrade) return true
  return error instanceof NoFinalAnswerError || codes.has(Reflect.get(error, 'code'))
}

/** A status that HTTP does not have: RFC 9110, 15, knows 100 to 599, and below 200 none that ends an answer. */
export const isNoStatus = (status: number): boolean => !(status >= 200 && status <= 599)

/** The ending of a call whose answer is no HTTP. Under another key the way to the upstream may be another. */
export function noHttp(reason: string): Ending {
  const what = `what the upstream sent is no HTTP (${reason})`
  const error = new KeyPoolError(
    'upstream_unreachable',
    `There is no answer: ${what}. See whether the base URL names an HTTP server, with http: or https: as it needs, and what stands before it`,
  )
  return {
    outcome: { kind: 'truncated', fault: 'network', maybeRan: true, message: what },
    lastBytes: null,
    reply: replyOf(error),
    error,
  }
}
