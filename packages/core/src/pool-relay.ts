import type { HistoryRecorder } from './history/history-recorder.js'
import type { Keyring } from './keyring/keyring.js'
import type { GrantIssuer } from './lease/grant-issuer.js'
import { OwnedRelay } from './ownership/owned-relay.js'
import type { Owners } from './ownership/owners.js'
import type { Policy } from './policy.js'
import { Attempt } from './relay/attempt/attempt.js'
import type { Upstream } from './relay/attempt/upstream.js'
import { type ClientSideParts, clientSide } from './relay/client/client-side.js'
import type { Sink } from './relay/client/sink.js'
import { failover } from './relay/failover/failover.js'
import type { RelayParts } from './relay/failover/relay-parts.js'
import { RetryBudget } from './relay/failover/retry-budget.js'
import { Hedging } from './relay/hedge/hedging.js'
import { aliasSink, listsModels } from './relay/model/alias-sink.js'
import { Aliases } from './relay/model/aliases.js'
import type { RelayReport } from './relay/report.js'
import type { Call } from './relay/request/call.js'
import { prepareStreams, streamsOf } from './relay/request/prepare-streams.js'
import { withModel } from './relay/request/with-model.js'
import type { RequestCounters } from './stats/request-counters.js'

export interface PoolRelayParts {
  readonly keyring: Keyring
  readonly leases: GrantIssuer
  readonly upstream: Upstream
  readonly owners: Owners
  readonly policy: Policy
  readonly errors: 'openai' | 'passthrough'
  readonly counters: RequestCounters
  /** Null where no history is kept. */
  readonly recorder: HistoryRecorder | null
}

/** Makes a client's call ready for the retry loop: failover, or the account that owns what the call names. */
export class PoolRelay {
  readonly #parts: RelayParts
  readonly #clientSide: ClientSideParts
  readonly #owned: OwnedRelay

  constructor(given: PoolRelayParts) {
    this.#parts = relayParts(given)
    const { runtime, buffers } = given.upstream
    this.#clientSide = { runtime, buffers, streams: streamsOf(given.policy.streams) }
    this.#owned = ownedRelay(given, this.#parts)
  }

  /** Never rejects; what went wrong is in the answer and in the report. */
  relay(asked: Call, client: Sink): Promise<RelayReport> {
    const { names } = this.#parts
    const named = withModel(asked, names.modelOf(asked.model)) ?? asked
    const call = prepareStreams(named, this.#clientSide.streams)
    const sink = clientSide(call, client, this.#clientSide)
    if (names.listed.size > 0 && listsModels(call)) return this.#relay(call, aliasSink(sink, names.listed))
    return this.#relay(call, sink)
  }

  #relay(call: Call, sink: Sink): Promise<RelayReport> {
    return this.#owned.handles(call) ? this.#owned.relay(call, sink) : failover(call, sink, this.#parts)
  }
}

function relayParts(given: PoolRelayParts): RelayParts {
  const { keyring, leases, upstream, policy, errors, counters, recorder } = given
  const { runtime } = upstream
  return {
    grants: leases,
    attempt: ({ key, begunAt: startedAt }, call, sink, extra) => {
      const { site, secret } = key
      return new Attempt({ call, sink, upstream, startedAt, site, secret, ...extra })
    },
    onOutput: (grant) => keyring.answered(grant),
    runtime,
    totalMsOf: (model) => upstream.timeouts.of(model).total,
    maxWaitMs: policy.queue.maxWaitMs,
    sessions: policy.sessions,
    names: new Aliases(policy.models),
    hedging: policy.hedging === null ? null : new Hedging(policy.hedging),
    retryBudget: new RetryBudget(policy.retryBudget, runtime),
    maxRetryAfterMs: policy.queue.maxRetryAfterMs,
    errors,
    onReport: (report) => {
      counters.countRequest(report)
      recorder?.recordRequest(report, runtime.now())
    },
  }
}

function ownedRelay({ keyring, owners, upstream }: PoolRelayParts, parts: RelayParts): OwnedRelay {
  const { keys, accounts } = keyring
  // A list is not worth waiting for: accounts that are busy or cooling down are left out of it.
  const partial = { ...parts, maxWaitMs: 0, onReport: () => {} }
  return new OwnedRelay({
    relay: (call, sink, { isPart, ...bound }) => failover(call, sink, isPart ? partial : parts, bound),
    accounts: () => keyring.members.usableAccounts(),
    accountOf: (keyId) => keys.get(keyId)?.account.id,
    hasAccount: (id) => accounts.has(id),
    owners,
    runtime: upstream.runtime,
    onReport: parts.onReport,
  })
}
