import type { RecordedRequest } from '../record/recorded-request.js'
import type { Recorder } from '../record/recorder.js'
import { ScenarioError } from '../scenario/parse.js'

const defaultLimit = 100

/** Lists the last `limit` recorded requests that match the query's `key`, `account`, `model`, `path` and `site`. */
export function listRequests(recorder: Recorder, query: URLSearchParams): Record<string, unknown> {
  const limit = readLimit(query.get('limit'))
  const filters = (['key', 'account', 'model', 'path', 'site', 'method'] as const).flatMap((field) => {
    const wanted = query.get(field)
    return wanted === null ? [] : [(request: RecordedRequest) => request[field] === wanted]
  })
  const found = recorder.requests.filter((request) => filters.every((matches) => matches(request)))
  return {
    total: recorder.count,
    matching: found.length,
    items: found.slice(Math.max(0, found.length - limit)).map(viewRequest),
  }
}

function readLimit(text: string | null): number {
  if (text === null) return defaultLimit
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new ScenarioError('limit', 'must be a whole number', text)
}

function viewRequest(request: RecordedRequest): Record<string, unknown> {
  const { id, site, method, path, query, headers, rawHeaders, receivedAt, key, account, model } = request
  const {
    bodySize,
    body,
    isBodyTruncated,
    status,
    faults,
    eventCount,
    responseBytes,
    responseBody,
    finishedAt,
    abortedAt,
  } = request
  return {
    ...{ id, site, method, path, query, headers, rawHeaders },
    ...{ key, account, model, bodySize, body: body.toString('utf8'), isBodyTruncated },
    ...{ status, faults, eventCount, responseBytes },
    ...(responseBody.length === 0 ? {} : { responseBody: responseBody.toString('utf8') }),
    ...{ receivedAt: instant(receivedAt), finishedAt: instant(finishedAt), abortedAt: instant(abortedAt) },
  }
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
