import type { AttemptFigures } from '../../keyring/keyring.js'
import type { WaitOptions } from '../../lease/wait-options.js'
import type { Outcome } from '../../outcome/outcome.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { Grant } from '../../selection/grant.js'
import type { KeyRequest } from '../../selection/key-request.js'
import type { Refusal } from '../../selection/refusal.js'
import type { Attempt } from '../attempt/attempt.js'
import type { Sink } from '../client/sink.js'
import type { Hedging } from '../hedge/hedging.js'
import type { Aliases } from '../model/aliases.js'
import type { RelayReport } from '../report.js'
import type { Call } from '../request/call.js'
import type { SessionOptions } from '../request/session-options.js'
import type { RetryBudget } from './retry-budget.js'

/** Where a request gets the right to use a key, and gives it back. */
interface Grants {
  /** Answers at once when a key is free or waiting is no use; `wait` is null for requests that may not wait. */
  acquire(keyRequest: KeyRequest, wait: WaitOptions | null): Grant | Refusal | Promise<Grant | Refusal>
  settle(grant: Grant, outcome: Outcome, figures: AttemptFigures): void
}

/** What a request is handed: it knows neither the pool nor the transport. */
export interface RelayParts {
  readonly grants: Grants
  readonly attempt: (
    grant: Grant,
    call: Call,
    sink: Sink,
    extra: { totalAt: number; extraHeaders: () => readonly string[]; onOutput: () => void },
  ) => Attempt
  /** Reports that the call under a grant has its first output. */
  readonly onOutput: (grant: Grant) => void
  readonly runtime: Runtime
  /** For the whole request, in milliseconds; 0 for no limit. */
  readonly totalMsOf: (model: string) => number
  /** How long one request may wait for a key, in milliseconds. */
  readonly maxWaitMs: number
  readonly sessions: Required<SessionOptions>
  readonly names: Aliases
  /** Null for none. */
  readonly hedging: Hedging | null
  readonly retryBudget: RetryBudget
  /** The longest `Retry-After` for clients, in milliseconds. */
  readonly maxRetryAfterMs: number
  readonly errors: 'openai' | 'passthrough'
  /** Takes the report of every request that ended. */
  readonly onReport: (report: RelayReport) => void
}
