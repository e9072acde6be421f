import type { Key } from '../key/key.js'
import { type KeyStatus, statusOf } from '../key/key-view.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import type { ModelCounts, RequestCounters, TokenCounts } from './request-counters.js'

/** What a pool has done since it was created, and the state of its keys now. */
export interface PoolStats {
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly keys: Readonly<Record<KeyStatus | 'total' | 'disabled', number>>
  /** Attempts running now. */
  readonly inFlight: number
  /** Requests waiting for a key now. */
  readonly waiting: number
  /** Requests of clients that ended, and how many of them succeeded. */
  readonly requests: number
  readonly successes: number
  /** Requests that did not succeed, by the outcome of their last attempt. */
  readonly failures: Readonly<Partial<Record<OutcomeKind, number>>>
  /** Upstream calls behind those requests. */
  readonly attempts: number
  readonly tokens: TokenCounts
  /** The models with the most requests first. */
  readonly models: readonly ModelCounts[]
}

export interface StatsParts {
  readonly keys: Iterable<Key>
  readonly counters: RequestCounters
  readonly waiting: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
}

/** Counts the keys by status, and copies the counters. */
export function statsOf({ keys, counters, waiting, startedAt }: StatsParts): PoolStats {
  const counts = { total: 0, ready: 0, cooling: 0, probing: 0, exhausted: 0, invalid: 0, disabled: 0 }
  let inFlight = 0
  for (const key of keys) {
    counts.total++
    counts[key.enabled ? statusOf(key) : 'disabled']++
    inFlight += key.inFlight
  }
  const { requests, successes, failures, attempts, tokens } = counters
  return {
    startedAt,
    keys: counts,
    inFlight,
    waiting,
    requests,
    successes,
    failures: { ...failures },
    attempts,
    tokens: { ...tokens },
    models: counters.models(),
  }
}
