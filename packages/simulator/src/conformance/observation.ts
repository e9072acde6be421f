import type { RecordedRequest } from '../record/recorded-request.js'
import type { ClientView } from './client.js'

/** A client's request, and the upstream calls that it caused. */
export interface ObservedRequest {
  view: ClientView
  calls: readonly RecordedRequest[]
}

/** A client that left while the target served it. */
export interface Leaving {
  /** The upstream calls for the client, including calls after it left. */
  calls: readonly RecordedRequest[]
  /** The time from the client's leaving to the upstream's close; undefined when it was never closed. */
  closeMs: number | undefined
  /** Whether the upstream had sent the whole answer before the client left. */
  isDrained: boolean
}

/** The observation of a case. */
export interface Observation {
  requests: readonly ObservedRequest[]
  leavings: readonly Leaving[]
  /** The time from the end of the fault to an answered request; undefined for never, absent if not measured. */
  recoveredMs?: number | undefined
  /** The states of the keys at the end, by secret; absent without a status endpoint. */
  states?: ReadonlyMap<string, string>
}
