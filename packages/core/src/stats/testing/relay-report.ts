import type { RelayReport } from '../../relay/report.js'

/** The report of a request that one attempt served. */
export const relayReport = (changes: Partial<RelayReport> = {}): RelayReport => ({
  requestId: null,
  status: 200,
  model: 'm',
  askedModel: 'm',
  client: null,
  outcome: 'success',
  attempts: [{ key: 'key_a', account: 'acme', outcome: 'success', status: 200, durationMs: 5 }],
  usage: null,
  cost: null,
  bytes: 0,
  durationMs: 5,
  firstOutputMs: null,
  waitedMs: 0,
  error: null,
  ...changes,
})
