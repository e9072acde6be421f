// @ts-check
import { setTimeout as delay } from 'node:timers/promises'
import { neverReaders, pipeliners, readers, stalledUploads } from '../measure/hostile-clients.mjs'
import { readCpu, readRssBytes } from '../measure/process-usage.mjs'
import { countSockets } from '../measure/sockets.mjs'
import { startUpstream } from '../rivals/rival.mjs'
import { sfpool } from '../rivals/sfpool.mjs'
import { verdict } from './request-bench.mjs'

/**
 * @typedef {import('../measure/hostile-clients.mjs').HostileTarget} HostileTarget
 * @typedef {import('../measure/hostile-clients.mjs').HostileClients} HostileClients
 *
 * @typedef {object} Attack
 * @property {string} name
 * @property {(target: HostileTarget) => Promise<HostileClients>} begin
 * @property {boolean} [leaves] the clients leave halfway; otherwise they stay, and the server must act
 * @property {number} riseMB the most that resident memory may rise
 */

const stallMs = 3000
const budgetMB = 64
/** The time of one attack: a stall, a quarter of it until it is noticed, and two seconds for refused uploads to end. */
const attackMs = 12_000
const sampleMs = 100

/** @type {readonly Attack[]} */
const attacks = [
  { name: '60 never-reading clients', begin: (at) => neverReaders(at, 60), riseMB: 300 },
  { name: '60 x 10 pipelined, leaving', begin: (at) => pipeliners(at, 60, 10), leaves: true, riseMB: 150 },
  { name: '4 endless lines', begin: (at) => readers(at, 4, 'endless line'), leaves: true, riseMB: 200 },
  { name: '4 x garbage lines', begin: (at) => readers(at, 4, 'garbage lines'), leaves: true, riseMB: 200 },
  {
    name: '40 stalled uploads',
    begin: (at) => stalledUploads(at, 40, { announced: 15_000_000, sent: 14_000_000 }),
    riseMB: budgetMB + 200,
  },
]

/** @type {import('./request-bench.mjs').Bench} */
export const hostileBench = {
  name: 'hostile',
  method: () =>
    `One attack after another on a gateway of its own with sendTimeoutMs and bodyTimeoutMs of ${stallMs} ms and a
bufferBudget of ${budgetMB} MB, ${attackMs / 1000} s each. Clients stay unless the attack is that they leave, halfway. Memory: the highest
resident set less the one before. Health: the slowest of the health checks made every ${sampleMs} ms. Left: connections and
upstream calls that the gateway holds in the end.`,
  run: async () => {
    const results = []
    for (const attack of attacks) results.push(await endure(attack))
    return { head, rows: results.map(row), notes: results.flatMap(promisesOf), figures: results }
  },
}

const head = [
  'attack',
  'CPU s',
  'RSS MB before',
  'highest',
  'health max ms',
  'upstream calls',
  'calls left',
  'sockets left',
]

/** @typedef {Awaited<ReturnType<typeof endure>>} HostileResult */

/** @param {Attack} attack */
async function endure({ name, begin, leaves = false, riseMB }) {
  const upstream = await startUpstream('hostile-upstream')
  try {
    const options = {
      gateway: { sendTimeoutMs: stallMs, bodyTimeoutMs: stallMs },
      pool: { bufferBudget: budgetMB * 1024 ** 2 },
    }
    const rival = await sfpool('node', options).start(upstream.port)
    try {
      const pid = /** @type {number} */ (rival.pid)
      const port = Number(new URL(rival.url).port)
      await healthMs(port)
      const before = readRssBytes(pid)
      const cpu = readCpu(pid).ranNs
      const clients = await begin({ port, headers: rival.headers })
      const halfway = leaves ? setTimeout(clients.leave, attackMs / 2) : undefined
      const seen = await watch(pid, port)
      const ranS = (readCpu(pid).ranNs - cpu) / 1e9
      const { taken, made } = countSockets(pid, { ownPort: port, otherPort: upstream.port })
      const { calls, open } = await reportOf(upstream.port)
      clearTimeout(halfway)
      clients.leave()
      // Idle connections to the upstream are kept for the next call.
      return {
        name,
        riseMB,
        ranS,
        beforeMB: before / 1024 ** 2,
        ...seen,
        calls,
        callsLeft: open,
        socketsLeft: taken,
        idle: made,
      }
    } finally {
      await rival.stop()
    }
  } finally {
    await upstream.stop()
  }
}

/**
 * @param {number} pid
 * @param {number} port
 */
async function watch(pid, port) {
  const until = performance.now() + attackMs
  let highest = 0
  let healthMaxMs = 0
  while (performance.now() < until) {
    highest = Math.max(highest, readRssBytes(pid))
    healthMaxMs = Math.max(healthMaxMs, await healthMs(port))
    await delay(sampleMs)
  }
  return { highestMB: highest / 1024 ** 2, healthMaxMs }
}

/** @param {number} port */
async function healthMs(port) {
  const since = performance.now()
  // A connection of its own, as a platform makes it, and none that is counted as left.
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { headers: { connection: 'close' } })
  await answer.arrayBuffer()
  if (answer.status !== 200) throw new Error(`/healthz answers with ${answer.status}`)
  return performance.now() - since
}

/**
 * @param {number} port
 * @returns {Promise<import('../fixtures/hostile-upstream.mjs').HostileReport>}
 */
async function reportOf(port) {
  return (await fetch(`http://127.0.0.1:${port}/report`)).json()
}

/** @param {HostileResult} result */
function row({ name, ranS, beforeMB, highestMB, healthMaxMs, calls, callsLeft, socketsLeft }) {
  const figures = [beforeMB, highestMB, healthMaxMs].map((figure) => figure.toFixed(0))
  return [name, ranS.toFixed(1), ...figures, ...[calls, callsLeft, socketsLeft].map(String)]
}

/** @param {HostileResult} result */
function promisesOf({ name, riseMB, beforeMB, highestMB, healthMaxMs, callsLeft, socketsLeft }) {
  return [
    verdict({ what: `${name}: upstream calls left`, ratio: callsLeft, atMost: 0 }),
    verdict({ what: `${name}: client connections left`, ratio: socketsLeft, atMost: 0 }),
    verdict({ what: `${name}: rise of resident memory, MB`, ratio: highestMB - beforeMB, atMost: riseMB }),
    verdict({ what: `${name}: slowest health check, ms`, ratio: healthMaxMs, atMost: 1000 }),
  ]
}
