import type { RecordedRequest } from '../record/recorded-request.js'
import type { ClientView } from './client.js'

/** One request of a client, and the calls to the upstream that it led to. */
export interface ObservedRequest {
  view: ClientView
  calls: readonly RecordedRequest[]
}

/** A client that left while the target worked for it. */
export interface Leaving {
  /** The calls to the upstream that were made for it, those after its leaving included. */
  calls: readonly RecordedRequest[]
  /** From its leaving to the upstream's close; undefined when that never came. */
  closeMs: number | undefined
  /** The upstream had sent all there was before the client left. */
  isDrained: boolean
}

/** What was seen of a case. */
export interface Observation {
  requests: readonly ObservedRequest[]
  leavings: readonly Leaving[]
  /** How long after the end of the fault a request was answered; undefined for never, absent when nobody looked. */
  recoveredMs?: number | undefined
  /** How the keys stood at the end, by secret; absent without a status endpoint. */
  states?: ReadonlyMap<string, string>
}
