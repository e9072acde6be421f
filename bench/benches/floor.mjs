// @ts-check
import { head, measureRequests, row } from './request-bench.mjs'

/** @type {import('./request-bench.mjs').Bench} */
export const floorBench = {
  name: 'floor',
  method: ({ rounds, seconds }) =>
    `The two reference proxies: bare node:http + undici dispatch, and nginx. 64 keep-alive connections post 230 bytes
and get 400 bytes back; ${rounds} interleaved windows of ${seconds} s. The proxy has core 0 for itself, load and
upstream share core 1. CPU is the time of the proxy process, read from /proc. "direct" is the load without a proxy:
when a proxy comes near its rate, the load is the limit and only the CPU column counts.`,
  run: async (settings) => {
    const names = settings.rivals ?? ['direct', 'floor', 'nginx']
    const { figures, notes } = await measureRequests(names, settings)
    return { head, rows: figures.map(row), notes, figures }
  },
}
