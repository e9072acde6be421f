// @ts-check
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort, runPinned, startPinned, stop } from '../measure/child.mjs'
import { cores } from '../measure/cores.mjs'
import { interleave } from '../measure/rounds.mjs'
import { scratchDirectory } from '../measure/scratch.mjs'
import { pairedRatio, summarise } from '../measure/statistics.mjs'
import { SkippedError } from '../measure/tools.mjs'
import { verdict } from './request-bench.mjs'

const bin = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url))

/** @typedef {{ name: string, promisedMs: number | null, measure: () => Promise<number> }} Start */

/** @type {readonly Start[]} */
const starts = [
  { name: 'node -e 0', promisedMs: null, measure: () => untilEnd(['-e', '0']) },
  { name: 'sfpool --version', promisedMs: 100, measure: () => untilEnd([bin, '--version']) },
  { name: 'sfpool serve', promisedMs: 300, measure: untilServing },
]

/** @type {import('./request-bench.mjs').Bench} */
export const startBench = {
  name: 'start',
  method: ({ rounds }) =>
    `The time from exec to the end (\`node -e 0\`, \`sfpool --version\`), or to the first 200 on /healthz (\`sfpool serve\` with a
new SQLite store). One core, ${rounds * 3} interleaved starts each, files already in the page cache.`,
  run: async ({ rounds }) => {
    if (!existsSync(bin)) throw new SkippedError('the command line is not built: npm run build')
    for (const start of starts) await start.measure()
    const samples = await interleave({
      rivals: starts,
      rounds: rounds * 3,
      measure: (start) => start.measure(),
    })
    const bare = samples.get(/** @type {Start} */ (starts[0])) ?? []
    const figures = [...samples].map(([{ name, promisedMs }, each]) => ({
      name,
      promisedMs,
      ms: summarise(each),
      timesNode: pairedRatio(each, bare),
    }))
    return {
      head: ['start', 'median ms', 'spread', 'x node -e 0'],
      rows: figures.map(({ name, ms, timesNode }) => [
        name,
        ...[ms.median.toFixed(0), `${ms.min.toFixed(0)}-${ms.max.toFixed(0)}`, timesNode.toFixed(2)],
      ]),
      notes: figures.flatMap(({ name, ms, promisedMs }) =>
        promisedMs === null ? [] : [verdict({ what: `${name}, ms`, ratio: ms.median, atMost: promisedMs })],
      ),
      figures,
    }
  },
}

/** @param {readonly string[]} args */
async function untilEnd(args) {
  const startedAt = performance.now()
  await runPinned({ command: process.execPath, args, core: cores.proxy })
  return performance.now() - startedAt
}

async function untilServing() {
  const directory = scratchDirectory('start')
  const port = await freePort()
  const startedAt = performance.now()
  const started = startPinned({
    command: process.execPath,
    args: [bin, 'serve', '--port', String(port), '--store', `file:${join(directory.path, 'keys.db')}`],
    core: cores.proxy,
  })
  try {
    while (!(await isAlive(port))) {
      if (started.child.exitCode !== null) throw new Error(`sfpool serve ended: ${started.lastWords()}`)
      await delay(1)
    }
    return performance.now() - startedAt
  } finally {
    await stop(started)
    directory.remove()
  }
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function isAlive(port) {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/healthz', agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })
}
