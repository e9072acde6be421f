// @ts-check
import { head, measureRequests, row, verdict } from './request-bench.mjs'

const names = ['floor', 'nginx', 'sfpool node', 'sfpool fastify', 'sfpool hono', 'sfpool express', 'portkey']

/** @type {import('./request-bench.mjs').Bench} */
export const proxyBench = {
  name: 'proxy',
  method: ({ rounds, seconds }) =>
    `The whole gateway (client key checked, 50 keys in turn, SQLite store, usage counted, a log line per request into a
file) behind each mount, beside the floor, nginx and the Portkey gateway. The load is that of the floor bench; ${rounds}
interleaved windows of ${seconds} s each. The ratio is the median over the rounds of CPU divided by the floor's
CPU of the same round.`,
  run: async (settings) => {
    const { figures, notes, ratio } = await measureRequests(settings.rivals ?? names, settings)
    const promises = [
      verdict({ what: 'sfpool node / floor', ratio: ratio('sfpool node', 'floor'), atMost: 1.5 }),
      verdict({ what: 'portkey / sfpool node', ratio: ratio('portkey', 'sfpool node'), atLeast: 15 }),
    ]
    return { head, rows: figures.map(row), notes: [...promises, ...notes], figures }
  },
}
