import type { SiteName } from '../catalogue/model.js'

/** A received request and its outcome. Fields are set as the request proceeds. */
export interface RecordedRequest {
  /** The id, `request-1`, `request-2`, … in the order of arrival. Bills refer to it. */
  readonly id: string
  readonly site: SiteName
  readonly method: string
  /** The path, without the query. */
  readonly path: string
  /** The query without its question mark; empty when there is none. */
  readonly query: string
  /** Header names and values in turn, as they arrived. */
  readonly rawHeaders: readonly string[]
  /** The headers by lower-case name. Repeated headers are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** The instant at which all headers had arrived. */
  readonly receivedAt: number
  /** The presented secret. */
  key?: string
  /** The account of the key, if the key is known. */
  account?: string
  model?: string
  /** The size of the request body in bytes, even if less was kept. */
  bodySize: number
  /** The first bytes of the request body. `String(body)` is the text. */
  body: Buffer
  /** Whether `body` is shorter than the received body. */
  isBodyTruncated: boolean
  /** The answered status; absent as long as there is no answer. */
  status?: number
  /** The ids of the applied fault rules. */
  faults: readonly string[]
  /** The number of sent events of a stream. */
  eventCount: number
  /** The number of sent bytes of the response body. */
  responseBytes: number
  /** The first sent bytes of the response body. The setting `recordedResponseBytes` limits them; its default is 0. */
  readonly responseBody: Buffer
  /** The instant at which the simulator finished the request, properly or through a fault. */
  finishedAt?: number
  /** The instant at which the client left before the end. */
  abortedAt?: number
}
