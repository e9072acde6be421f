import type { OutcomeKind } from '../outcome/outcome.js'

/** One upstream call of a request. */
export interface StoredAttempt {
  /** The key's id. */
  readonly key: string
  readonly account: string
  readonly outcome: OutcomeKind
  /** The upstream's HTTP status; null when none arrived. */
  readonly status: number | null
  readonly durationMs: number
}

/** A request as the request log keeps it: facts and figures, never a prompt, an answer, a header or a secret. */
export interface StoredRequest {
  /** The id that the client got in `x-request-id`; clients may choose it, so it need not be unique. */
  readonly id: string
  /** When the request arrived, in milliseconds since the Unix epoch. */
  readonly at: number
  readonly upstream: string
  /** The client's id; null where none was needed. */
  readonly client: string | null
  readonly address: string | null
  readonly userAgent: string | null
  readonly method: string
  /** Without its query. */
  readonly path: string
  /** The model that was asked for; null when the request names none. */
  readonly model: string | null
  /** The model that served, or was tried last; null when none was. */
  readonly servedModel: string | null
  /** What the client got; 499 when it left first. */
  readonly status: number
  readonly outcome: OutcomeKind
  /** The code of our own error; null when the upstream's answer was passed on. */
  readonly code: string | null
  readonly attempts: readonly StoredAttempt[]
  readonly durationMs: number
  /** From the arrival to the first output; null without output. */
  readonly ttftMs: number | null
  readonly promptTokens: number | null
  readonly completionTokens: number | null
  /** In trillionths of the currency's unit; null when unknown. */
  readonly cost: { readonly amount: bigint; readonly currency: string } | null
  /** The bytes of the body that went to the client. */
  readonly bytes: number
}

/** How much of the request log is kept: whichever bound is met first. */
export interface RequestKeep {
  readonly rows: number
  readonly days: number
  readonly megabytes: number
}

/** New entries, in the order in which the requests ended. */
export interface RequestBatch {
  readonly entries: readonly StoredRequest[]
  readonly keep: RequestKeep
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

/** Which requests are wanted: those for which every given field holds. */
export interface RequestFilter {
  /** Any of these ranges of status codes, both ends included. */
  readonly status?: readonly { readonly from: number; readonly to: number }[]
  readonly outcome?: readonly OutcomeKind[]
  /** The model that was asked for, or that served. */
  readonly model?: string
  /** The key of any attempt. */
  readonly key?: string
  readonly client?: string
  readonly address?: string
  /** Arrived at or after this instant. */
  readonly from?: number
  /** Arrived before this instant. */
  readonly to?: number
  /** Text that stands in the id, a model, the client, the address, the agent, the path, the code or a key. */
  readonly q?: string
}

export interface RequestQuery extends RequestFilter {
  readonly limit: number
  /** `next` of the page before. */
  readonly cursor?: string | undefined
  /** @default 'newest' */
  readonly order?: 'newest' | 'oldest'
}

/** A page of the request log. A cursor names a place, so entries that come or go meanwhile shift nothing. */
export interface RequestPage {
  readonly items: readonly StoredRequest[]
  /** How many entries the filter finds now. */
  readonly total: number
  /** Null at the end. */
  readonly next: string | null
}

/** The bytes that an entry takes in a store, roughly. */
export function sizeOfRequest(request: StoredRequest): number {
  const { id, client, address, userAgent, path, model, servedModel, code, attempts } = request
  let size = 160 + id.length + path.length
  for (const text of [client, address, userAgent, model, servedModel, code]) size += text?.length ?? 0
  for (const { key, account } of attempts) size += 40 + key.length + account.length
  return size
}

export const msPerDay = 86_400_000
export const bytesPerMegabyte: number = 1024 * 1024

/** The place that a cursor names; null for the beginning. Throws a `RangeError` for a text that is no cursor. */
export function placeOfRequest(cursor: string | undefined): number | null {
  if (cursor === undefined) return null
  if (!/^\d{1,15}$/.test(cursor)) throw new RangeError('must be a cursor that a page before has given')
  return Number(cursor)
}
