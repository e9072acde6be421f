import type { StoredKeyState } from '@sfpool/core'
import { openPool } from '../pool/open-pool.js'
import { openExistingStore } from '../pool/open-store.js'
import { readOnlyStore } from '../pool/read-only-store.js'
import { timerlessRuntime } from '../pool/timerless-runtime.js'
import { statusOf } from '../render/key-table.js'
import type { StatsReport } from './stats-report.js'

/** Reads the figures in the store, per key since it was added. A running server writes them about once a second. */
export async function readStoreStats(context: Parameters<typeof openPool>[0]): Promise<StatsReport> {
  const store = readOnlyStore(await openExistingStore(context, 'read'))
  await using pool = await openPool(context, { store, runtime: timerlessRuntime })
  const { keyStates } = await store.load()
  const keys = pool.keys.list()
  const sum = (read: (state: StoredKeyState) => number): number =>
    keyStates.reduce((total, state) => total + read(state), 0)
  const prompt = sum(({ promptTokens }) => promptTokens)
  const completion = sum(({ completionTokens }) => completionTokens)
  const attempts = sum(({ requests }) => requests)
  const successes = sum((state) => state.successes)
  return {
    requests: null,
    attempts,
    tokens: { prompt, completion },
    keys: keys.map((key) => ({ ...key, status: statusOf(key) })),
    models: [],
    json: {
      source: 'store',
      keys: pool.stats().keys,
      attempts,
      successes,
      tokens: { prompt, completion, total: prompt + completion },
      items: keys,
    },
  }
}
