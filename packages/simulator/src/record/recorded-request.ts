import type { SiteName } from '../catalogue/model.js'

/** A request as the simulator saw it, and what became of it. Fields appear as things happen. */
export interface RecordedRequest {
  /** `request-1`, `request-2`, … in order of arrival; bills name it too. */
  readonly id: string
  readonly site: SiteName
  readonly method: string
  /** Without the query. */
  readonly path: string
  /** Without the question mark; empty when there is none. */
  readonly query: string
  /** Names and values in turn, as they arrived. */
  readonly rawHeaders: readonly string[]
  /** The same by lower-case name; repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Instant at which the headers had arrived. */
  readonly receivedAt: number
  /** The secret that was presented. */
  key?: string
  /** The account it belongs to, if it is known here. */
  account?: string
  model?: string
  /** Bytes of the request body, however much of it was kept. */
  bodySize: number
  /** The first bytes of the request body; `String(body)` is its text. */
  body: Buffer
  /** Whether `body` holds less than arrived. */
  isBodyTruncated: boolean
  /** The status that was answered; absent while or if nothing was. */
  status?: number
  /** Ids of the fault rules that were applied. */
  faults: readonly string[]
  /** Events of a stream that were sent. */
  eventCount: number
  /** Bytes of the response body that were sent. */
  responseBytes: number
  /** The first of them, as they were sent; nothing unless the setting `recordedResponseBytes` wants it. */
  readonly responseBody: Buffer
  /** Instant at which the simulator was done with it, properly or through a fault. */
  finishedAt?: number
  /** Instant at which the client left before the end. */
  abortedAt?: number
}
