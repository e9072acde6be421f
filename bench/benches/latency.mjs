// @ts-check
import { interleave } from '../measure/rounds.mjs'
import { median, summarise } from '../measure/statistics.mjs'
import { runLoad } from '../measure/windows.mjs'
import { withLineup } from '../rivals/lineup.mjs'
import { verdict } from './request-bench.mjs'

const names = [
  'direct',
  'floor',
  'nginx',
  'sfpool node',
  'sfpool fastify',
  'sfpool hono',
  'sfpool express',
  'portkey',
]
const count = 2000

/** @type {import('./request-bench.mjs').Bench} */
export const latencyBench = {
  name: 'latency',
  method: ({ rounds }) =>
    `The latency that a proxy adds to a single request on an idle machine: one connection, one request at a time, ${count}
requests per window after ${count / 5} that do not count, ${rounds} interleaved windows. Added = the proxy's
percentile less the percentile of "direct" in the same round.`,
  run: (settings) => withLineup(withDirect(settings.rivals ?? names), (lineup) => measure(lineup, settings)),
}

/** @param {readonly string[]} chosen */
function withDirect(chosen) {
  return chosen.includes('direct') ? chosen : ['direct', ...chosen]
}

/**
 * @param {{ rivals: import('../rivals/rival.mjs').Rival[], skipped: string[] }} lineup
 * @param {import('../settings.mjs').Settings} settings
 */
async function measure({ rivals, skipped }, { rounds }) {
  /** @type {Map<import('../rivals/rival.mjs').Rival, { p50Us: number, p99Us: number }[]>} */
  const samples = await interleave({
    rivals,
    rounds,
    measure: ({ url, headers }) => runLoad('ping-load', { url, headers, count }),
  })
  const bare = [...samples].find(([{ name }]) => name === 'direct')?.[1] ?? []
  const figures = [...samples].map(([{ name }, windows]) => ({
    name,
    p50Us: summarise(windows.map(({ p50Us }) => p50Us)),
    p99Us: summarise(windows.map(({ p99Us }) => p99Us)),
    addedP50Us: median(windows.map(({ p50Us }, round) => p50Us - (bare[round]?.p50Us ?? Number.NaN))),
    addedP99Us: median(windows.map(({ p99Us }, round) => p99Us - (bare[round]?.p99Us ?? Number.NaN))),
  }))
  const addedBy = (/** @type {string} */ name) =>
    figures.find((figure) => figure.name === name)?.addedP50Us ?? Number.NaN
  const ratio = addedBy('sfpool node') / addedBy('floor')
  return {
    head: ['proxy', 'p50 us', 'spread', 'added p50', 'p99 us', 'spread', 'added p99'],
    rows: figures.map(({ name, p50Us, p99Us, addedP50Us, addedP99Us }) => [
      name,
      ...[p50Us.median.toFixed(0), `${p50Us.min.toFixed(0)}-${p50Us.max.toFixed(0)}`, addedP50Us.toFixed(0)],
      ...[p99Us.median.toFixed(0), `${p99Us.min.toFixed(0)}-${p99Us.max.toFixed(0)}`, addedP99Us.toFixed(0)],
    ]),
    notes: [verdict({ what: 'added p50, sfpool node / floor', ratio, atMost: 2 }), ...skipped],
    figures,
  }
}
