import type { Store } from '../store.js'
import {
  bytesPerMegabyte,
  msPerDay,
  placeOfRequest,
  type RequestBatch,
  type RequestFilter,
  type RequestPage,
  type RequestQuery,
  type StoredRequest,
  sizeOfRequest,
} from '../stored-request.js'

export type RequestStore = Required<Pick<Store, 'addRequests' | 'readRequests'>>

/** An entry takes about two kilobytes of memory, and the log is the smaller part of what a process is for. */
const mostRows = 10_000

interface Kept {
  readonly place: number
  readonly size: number
  readonly request: StoredRequest
}

/** A request log in memory: as a store keeps it, but of ten thousand entries at most. */
export function memoryRequests(): RequestStore {
  let kept: Kept[] = []
  let bytes = 0
  let last = 0

  const forget = ({ keep, now }: RequestBatch): void => {
    const since = now - keep.days * msPerDay
    const limit = keep.megabytes * bytesPerMegabyte
    const rows = Math.min(keep.rows, mostRows)
    let gone = 0
    for (const { size, request } of kept) {
      if (kept.length - gone <= rows && bytes <= limit && request.at >= since) break
      bytes -= size
      gone++
    }
    if (gone > 0) kept = kept.slice(gone)
  }

  return {
    addRequests: async (batch) => {
      for (const request of batch.entries) {
        const size = sizeOfRequest(request)
        kept.push({ place: ++last, size, request: Object.freeze({ ...request }) })
        bytes += size
      }
      forget(batch)
    },
    readRequests: async (query) => pageOf(kept, query),
  }
}

function pageOf(kept: readonly Kept[], query: RequestQuery): RequestPage {
  const { limit, cursor, order = 'newest' } = query
  const place = placeOfRequest(cursor)
  const found = kept.filter(({ request }) => isWanted(request, query))
  if (order === 'newest') found.reverse()
  const isAhead = (each: Kept): boolean =>
    place === null || (order === 'newest' ? each.place < place : each.place > place)
  const ahead = found.filter(isAhead)
  const page = ahead.slice(0, limit)
  const next = ahead.length > limit ? String(page.at(-1)?.place) : null
  return { items: page.map(({ request }) => request), total: found.length, next }
}

function isWanted(request: StoredRequest, filter: RequestFilter): boolean {
  const { status, outcome, model, key, client, address, from, to, q } = filter
  const { attempts, at } = request
  return (
    (status === undefined ||
      status.some((range) => request.status >= range.from && request.status <= range.to)) &&
    (outcome === undefined || outcome.includes(request.outcome)) &&
    (model === undefined || request.model === model || request.servedModel === model) &&
    (key === undefined || attempts.some((attempt) => attempt.key === key)) &&
    (client === undefined || request.client === client) &&
    (address === undefined || request.address === address) &&
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    (q === undefined || searchedIn(request).includes(inLowerCase(q)))
  )
}

function searchedIn({
  id,
  model,
  servedModel,
  client,
  address,
  userAgent,
  path,
  code,
  attempts,
}: StoredRequest) {
  const keys = attempts.map(({ key }) => key)
  return inLowerCase([id, model, servedModel, client, address, userAgent, path, code, ...keys].join('\n'))
}

/** As SQLite does it: the letters of ASCII only. */
const inLowerCase = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
