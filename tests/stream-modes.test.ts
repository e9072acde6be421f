import { KeyPool, type StreamForm } from '@sfpool/core'
import { sdkContract } from './sdk-contract.js'

/** Tests that do not apply where the upstream is asked for one JSON reply. */
const wholeReplies = {
  'the upstream call ends when the client aborts': 'the upstream has ended by the first event',
  'a stream that breaks off raises a readable error': 'failover hides a reply that breaks off',
}

const modes: readonly [StreamForm, Readonly<Record<string, string>>][] = [
  ['smooth', {}],
  ['buffer', {}],
  ['stream', wholeReplies],
]

for (const [mode, skipped] of modes) {
  sdkContract(
    `pool.fetch with streams.mode ${mode} and everything else on`,
    async (baseURL, keys) => {
      const streams = { mode, includeUsage: true, heartbeatMs: 100 }
      const pool = new KeyPool({ keys, baseURL, streams, hedging: true })
      return { baseURL: pool.baseURL, fetch: pool.fetch, close: () => pool.close() }
    },
    skipped,
  )
}
