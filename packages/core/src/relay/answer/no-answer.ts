import { KeyPoolError } from '../../errors.js'
import type { Outcome } from '../../outcome/outcome.js'
import { readErrorBody } from '../../provider/error-body.js'
import { wordsOfPage } from '../../provider/page-words.js'
import { headerValue } from '../../wire/headers.js'
import { skipSpace } from '../../wire/json-members.js'
import type { AnswerHead } from './answer-head.js'
import type { Ending } from './ending.js'
import { replyOf } from './reply-of.js'

/** The text of a body that is looked at. */
const looked = 64 * 1024
const longestQuote = 60

/**
 * The ending of a body that is no answer of an API, although its status says success: the page of a portal or a panel,
 * plain words, broken JSON, an envelope without anything in it. JSON may say whom to blame; otherwise the way to the
 * upstream is to blame, and under another key it may be another.
 */
export function noAnswer(head: AnswerHead, body: string): Ending {
  // It is quoted, in logs too.
  const text = head
    .masked(Buffer.from(body.slice(0, looked)))
    .toString()
    .trim()
  const what = `the upstream sent ${describe(head, text)} in place of an answer`
  const error = new KeyPoolError(
    'upstream_unreachable',
    `There is no answer: ${what}. See whether the base URL is that of an API, and whether a portal or a firewall stands before it`,
  )
  return {
    outcome: blameIn(head, text) ?? noAnswerOutcome(head.status, what),
    lastBytes: null,
    reply: replyOf(error, ofTrace(head.headers)),
    error,
  }
}

const noAnswerOutcome = (status: number, message: string): Outcome => ({
  kind: 'truncated',
  fault: 'network',
  status,
  maybeRan: true,
  message,
})

/** What JSON says of the key or its account. A page, or plain words, may be anybody's. */
function blameIn(head: AnswerHead, text: string): Outcome | null {
  if (head.status >= 300 || !/^[{["]/.test(text)) return null
  const said = head.classifyFailure(text)
  return said.fault === 'caller' || said.fault === 'overload' || said.fault === 'network' ? null : said
}

function describe({ status, headers }: AnswerHead, text: string): string {
  if (status >= 300) return `a redirect (HTTP ${status}${originIn(headerValue(headers, 'location'))})`
  if (text === '') return `nothing (HTTP ${status})`
  if (text.startsWith('<')) {
    const title = wordsOfPage(text)
    return title === undefined ? 'a web page' : `a web page ("${title}")`
  }
  const { json, message, code } = readErrorBody(text)
  if (json === undefined && /^[{[]/.test(text)) return 'broken JSON'
  const words = [code, message].filter((part) => part !== undefined).join(' ') || text
  return words.length <= longestQuote ? `"${words}"` : `"${words.slice(0, longestQuote)}…"`
}

function originIn(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? ` to ${new URL(location).origin}` : ''
}

/** The headers by which an upstream's support finds a call; the others belong to the body that was dropped. */
function ofTrace(headers: readonly string[]): string[] {
  return headers.filter((_, at) => (headers[at - (at % 2)] as string).startsWith('x-'))
}

/** Whether a text begins a stream of events, which nobody asked for and some clients may read. */
export const looksLikeEvents = (text: string): boolean => /^\s*(?:data|event|id|retry)?:/.test(text)

const brace = 0x7b
const mark = 0xef
const zero = 0

/** Whether a body that is too large to hold may be a reply, by its first bytes: an object, in UTF-8 or UTF-16. */
export function mayBeReply(bytes: Buffer): boolean {
  if (looksLikeEvents(bytes.toString('latin1', 0, 32))) return true
  const start = skipSpace(bytes, bytes[0] === mark ? 3 : 0)
  const first = bytes[start]
  return first === brace || (bytes[0] ?? 0) >= 0xfe || (first === zero && bytes[start + 1] === brace)
}
