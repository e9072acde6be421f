import type { OutcomeKind, RelayReport, StoredRequest } from '@sfpool/core'
import type { IncomingRequest } from '../http/incoming-request.js'
import { shownPath } from './shown-path.js'

/** Longer names of programs and models say no more. */
const longestText = 256

/** The name of the upstream of a pool that has one. */
const upstream = 'default'

/** What the request log keeps of a request that the pool relayed. */
export function relayedEntry(
  incoming: IncomingRequest,
  client: string | null,
  durationMs: number,
  report: RelayReport,
): StoredRequest {
  const { model, askedModel, usage, error, attempts } = report
  const { exchange, head, requestId, path, startedAt } = incoming
  return {
    id: requestId,
    at: startedAt,
    upstream,
    client,
    address: exchange.peer?.remoteAddress ?? null,
    userAgent: head.userAgent === undefined ? null : short(head.userAgent),
    method: exchange.method,
    path: shownPath(path),
    model: askedModel === '' ? null : short(askedModel),
    servedModel: model === '' || attempts.length === 0 ? null : short(model),
    status: report.status,
    outcome: report.outcome,
    code: error?.code ?? null,
    attempts,
    durationMs,
    ttftMs: report.firstOutputMs,
    promptTokens: usage?.promptTokens ?? null,
    completionTokens: usage?.completionTokens ?? null,
    cost: report.cost,
    bytes: report.bytes,
  }
}

/** What the request log keeps of a client's request that never reached the pool. */
export function refusedEntry(
  { exchange, head, requestId, path, startedAt }: IncomingRequest,
  client: string | null,
  end: {
    readonly status: number
    readonly outcome: OutcomeKind
    readonly code: string
    readonly bytes: number
    readonly durationMs: number
  },
): StoredRequest {
  return {
    id: requestId,
    at: startedAt,
    upstream,
    client,
    address: exchange.peer?.remoteAddress ?? null,
    userAgent: head.userAgent === undefined ? null : short(head.userAgent),
    method: exchange.method,
    path: shownPath(path),
    model: null,
    servedModel: null,
    attempts: [],
    ttftMs: null,
    promptTokens: null,
    completionTokens: null,
    cost: null,
    ...end,
  }
}

const short = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText)}…` : text)
