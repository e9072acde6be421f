import type { Key } from '../../key/key.js'
import type { Lease } from '../../lease/lease.js'
import type { WaitOptions } from '../../lease/wait-options.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { KeyRequest } from '../../selection/key-request.js'
import type { Refusal } from '../../selection/refusal.js'
import type { Attempt } from '../attempt/attempt.js'
import type { Sink } from '../client/sink.js'
import type { Hedging } from '../hedge/hedging.js'
import type { Aliases } from '../model/aliases.js'
import type { RelayReport } from '../report.js'
import type { Call } from '../request/call.js'
import type { SessionOptions } from '../request/session-options.js'

/** What a request is handed: it knows neither the pool nor the transport. */
export interface RelayParts {
  /** Answers at once when a key is free or waiting is no use; `patience` is null for those who may not wait. */
  readonly acquire: (
    keyRequest: KeyRequest,
    waitOptions: WaitOptions | null,
  ) => Lease | Refusal | Promise<Lease | Refusal>
  readonly attempt: (
    lease: Lease,
    call: Call,
    sink: Sink,
    extra: { totalAt: number; extraHeaders: () => readonly string[]; onOutput: () => void },
  ) => Attempt
  /** Told that the call under a lease has its first output. */
  readonly onOutput: (lease: Lease) => void
  readonly keyOf: (lease: Lease) => Key
  readonly runtime: Runtime
  /** For the whole request, in milliseconds; 0 for no limit. */
  readonly totalMsOf: (model: string) => number
  /** How long one request may wait for a key, in milliseconds. */
  readonly maxWaitMs: number
  readonly sessions: Required<SessionOptions>
  readonly names: Aliases
  /** Null for none. */
  readonly hedging: Hedging | null
  readonly errors: 'openai' | 'passthrough'
  /** Told of every request that ended. */
  readonly onReport: (report: RelayReport) => void
}
