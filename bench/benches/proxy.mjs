// @ts-check
import { interleave } from '../measure/rounds.mjs'
import { pairedRatio, summarise } from '../measure/statistics.mjs'
import { countSystemCalls } from '../measure/system-calls.mjs'
import { SkippedError } from '../measure/tools.mjs'
import { requestWindow, runLoad } from '../measure/windows.mjs'
import { head, measureRequests, row, verdict } from './request-bench.mjs'

/** @typedef {import('../rivals/rival.mjs').Rival} Rival */

const names = ['floor', 'nginx', 'sfpool node', 'sfpool fastify', 'sfpool hono', 'sfpool express', 'portkey']
/** Portkey answers so slowly that its latency would take minutes and show nothing. */
const timed = new Set(['floor', 'nginx', 'sfpool node'])
const counted = new Set(['floor', 'sfpool node'])
const connections = 64
const pings = 20_000

/** @type {import('./request-bench.mjs').Bench} */
export const proxyBench = {
  name: 'proxy',
  method: ({ rounds, seconds }) =>
    `The whole gateway (client key checked, 50 keys in turn, SQLite store, usage counted, a log line per request into a
file) behind each mount, beside the floor, nginx and the Portkey gateway. The load is that of the floor bench; ${rounds}
interleaved windows of ${seconds} s each, after 5 s of warm-up. The ratio is the median over the rounds of CPU divided by
the floor's CPU of the same round. Latency: ${connections} connections of a Node process of its own, ${pings} requests per
window. System calls: counted by strace during one more window, in which no time is read.`,
  run: async (settings) => {
    const { figures, notes, ratio, more } = await measureRequests(
      settings.rivals ?? names,
      settings,
      async (rivals) => ({
        latency: await measureLatency(rivals, settings),
        calls: await measureCalls(rivals),
      }),
    )
    const promises = [
      verdict({ what: 'CPU, sfpool node / floor', ratio: ratio('sfpool node', 'floor'), atMost: 1.3 }),
      verdict({ what: 'portkey / sfpool node', ratio: ratio('portkey', 'sfpool node'), atLeast: 15 }),
      verdict({
        what: `p99 at ${connections} connections, sfpool node / floor`,
        ratio: more.latency.ratio,
        atMost: 1.5,
      }),
    ]
    return {
      head,
      rows: figures.map(row),
      notes: [...promises, ...more.latency.notes, ...more.calls, ...notes],
      figures: { requests: figures, ...more },
    }
  },
}

/**
 * @param {Rival[]} rivals
 * @param {import('../settings.mjs').Settings} settings
 */
async function measureLatency(rivals, { rounds }) {
  const samples = await interleave({
    rivals: rivals.filter(({ name }) => timed.has(name)),
    rounds,
    measure: ({ url, headers }) => runLoad('ping-load', { url, headers, connections, count: pings }),
  })
  /** @type {[string, { p50Us: number, p99Us: number }[]][]} */
  const byName = [...samples].map(([{ name }, windows]) => [name, windows])
  const p99Of = (/** @type {string} */ name) =>
    byName.find(([each]) => each === name)?.[1].map(({ p99Us }) => p99Us) ?? []
  const ms = (/** @type {number} */ us) => (us / 1000).toFixed(1)
  const notes = byName.map(([name, windows]) => {
    const [p50, p99] = [summarise(windows.map(({ p50Us }) => p50Us)), summarise(p99Of(name))]
    return `${name}, ${connections} connections: p50 ${ms(p50.median)} ms, p99 ${ms(p99.median)} ms (${ms(p99.min)}-${ms(p99.max)})`
  })
  return { notes, byName, ratio: pairedRatio(p99Of('sfpool node'), p99Of('floor')) }
}

/** @param {Rival[]} rivals */
async function measureCalls(rivals) {
  const notes = []
  for (const rival of rivals) {
    if (rival.pid === null || !counted.has(rival.name)) continue
    try {
      const calls = await countSystemCalls(rival.pid, async () => (await requestWindow(rival, 2)).requests)
      const list = [...calls].map(([name, each]) => `${each.toFixed(2)} ${name}`)
      notes.push(`${rival.name}, system calls per request: ${list.join(', ')}`)
    } catch (error) {
      if (!(error instanceof SkippedError)) throw error
      notes.push(`system calls are not counted: ${error.message}`)
    }
  }
  return notes
}
