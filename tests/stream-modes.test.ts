import { KeyPool, type StreamForm } from '@sfpool/core'
import { describeSdks } from './sdk-contract.js'

/** What cannot happen where the upstream is asked for one JSON reply. */
const wholeReplies = {
  'stops the upstream when the client aborts': 'by the first event the upstream has ended',
  'raises a readable error when a stream breaks off': 'a reply that breaks off is nobody’s loss',
}

const modes: readonly [StreamForm, Readonly<Record<string, string>>][] = [
  ['smooth', {}],
  ['buffer', {}],
  ['stream', wholeReplies],
]

for (const [mode, skipped] of modes) {
  describeSdks(
    `pool.fetch with streams.mode ${mode} and everything else on`,
    async (baseURL, keys) => {
      const streams = { mode, includeUsage: true, heartbeatMs: 100 }
      const pool = new KeyPool({ keys, baseURL, streams, hedging: true })
      return { baseURL: pool.baseURL, fetch: pool.fetch, close: () => pool.close() }
    },
    skipped,
  )
}
