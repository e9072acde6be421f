import type { PoolEmitter } from './events.js'
import type { HistoryRecorder } from './history/history-recorder.js'
import type { KeySet } from './key-set/key-set.js'
import type { Keyring } from './keyring/keyring.js'
import type { GrantIssuerParts } from './lease/grant-issuer.js'
import { type HistoryStore, HistoryWriter } from './persistence/history-writer.js'
import type { CheckedOptions } from './pool-options.js'
import type { Runtime } from './runtime/runtime.js'
import { PoolHistory } from './stats/pool-history.js'
import { defaultUpstream } from './store/default-upstream.js'
import { memoryHistory } from './store/memory/memory-history.js'
import type { Store } from './store/store.js'

export interface HistoryNeeds {
  readonly store: Store
  readonly events: PoolEmitter
  readonly keyring: Keyring
}

/** Makes the writer of history; null where none is kept. */
export function historyOf(
  { history, provider, runtime }: CheckedOptions,
  { store, events, keyring }: HistoryNeeds,
): HistoryWriter | null {
  if (history === null) return null
  const { accounts } = keyring
  const { dayOffsetMs } = provider
  return new HistoryWriter({
    store: historyStoreOf(store),
    runtime,
    events,
    accounts,
    upstream: defaultUpstream,
    dayOffsetMs,
    keep: history,
  })
}

/** A store that keeps no history leaves it to this process. */
function historyStoreOf(store: Store): HistoryStore {
  const { addHistory, readHistory } = store
  if (addHistory === undefined || readHistory === undefined) return memoryHistory()
  return { addHistory: addHistory.bind(store), readHistory: readHistory.bind(store) }
}

/** Records leases as the requests that they are. */
export function leaseRecorder(
  recorder: HistoryRecorder | null,
  runtime: Runtime,
): GrantIssuerParts['onLeaseEnd'] {
  if (recorder === null) return undefined
  return ({ askedModel, client, begunAt }, { kind: outcome }, { firstOutputMs }) => {
    const durationMs = runtime.monotonic() - begunAt
    recorder.recordRequest({ askedModel, client, outcome, durationMs, firstOutputMs }, runtime.now())
  }
}

/** What answers questions about the past; null where none is kept. */
export function poolHistoryOf(
  { history: keep, provider, runtime }: CheckedOptions,
  { history: writer, keys }: { readonly history: HistoryWriter | null; readonly keys: KeySet },
): PoolHistory | null {
  if (keep === null || writer === null) return null
  const { dayOffsetMs } = provider
  return new PoolHistory({
    writer,
    runtime,
    dayOffsetMs,
    keep,
    keyOf: (id) => keys.get(id),
    currency: provider.currencyOf(provider.site),
  })
}
