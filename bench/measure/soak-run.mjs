// @ts-check
import { setTimeout as delay } from 'node:timers/promises'
import { replyBody, requestBody } from '../fixtures/chat.mjs'
import { startUpstream } from '../rivals/rival.mjs'
import { readCpu, readRssBytes } from './process-usage.mjs'
import { leaveTimes, memoryTrend, violationsOf } from './soak-summary.mjs'
import { countSockets } from './sockets.mjs'
import { runLoad } from './windows.mjs'

/**
 * @typedef {import('./soak-load.mjs').SoakPlan} SoakPlan
 * @typedef {Awaited<ReturnType<typeof soak>>} SoakResult
 */

const sampleSeconds = 5
/**
 * Live memory is read after the warm-up and at the end. Constant garbage collection would change the behaviour of the
 * proxy.
 */
const settledSeconds = 60
const liveReadings = [0, 1, 2]
/** How long after the end of the load a proxy may still hold resources. */
const settleMs = 3000

/**
 * Runs a soak of one proxy with its own upstream, and reads what is left afterwards.
 * @param {import('../rivals/rival.mjs').Entrant} entrant
 * @param {SoakPlan} plan
 */
export async function soak(entrant, plan) {
  const { seed, intervalMs } = plan
  const upstream = await startUpstream('soak-upstream', JSON.stringify({ seed, intervalMs }))
  try {
    const rival = await entrant.start(upstream.port)
    try {
      const watch = watchProcess(rival, plan.seconds)
      /** @type {import('./soak-load.mjs').SoakLoadReport} */
      const load = await runLoad('soak-load', { ...plan, url: rival.url, headers: rival.headers })
      const { memory, waitedShare } = await watch.end()
      await delay(settleMs)
      const left = await remainsOf(rival, upstream.port)
      const { interrupted, empty, left: leavers, ...seen } = load
      return {
        name: rival.name,
        seconds: plan.seconds,
        ...seen,
        violations: violationsOf(load, left.upstream),
        leave: leaveTimes(load, left.upstream),
        upstreamLate: left.upstream.late,
        calls: left.upstream.calls,
        faults: left.upstream.faults,
        remains: left.remains,
        memory,
        waitedShare,
      }
    } finally {
      await rival.stop()
    }
  } finally {
    await upstream.stop()
  }
}

/**
 * Reads the resident set every five seconds, live memory after the warm-up and at the end, and the processor time of the
 * whole run.
 * @param {import('../rivals/rival.mjs').Rival} rival
 * @param {number} seconds
 */
function watchProcess({ pid, liveBytes }, seconds) {
  const since = performance.now()
  const minutes = () => (performance.now() - since) / 60_000
  const before = pid === null ? null : readCpu(pid)
  const settledAt = Math.min(settledSeconds, seconds / 2)
  const lastAt = seconds - liveReadings.length
  const resident = samplesAt(instants(seconds), async () => {
    if (pid !== null) return { at: minutes(), value: readRssBytes(pid) / 1024 }
  })
  const live = samplesAt(
    liveReadings.flatMap((second) => [settledAt + second, lastAt + second]),
    async () => {
      if (liveBytes !== undefined) return { at: minutes(), value: (await liveBytes()) / 1024 }
    },
  )
  const end = async () => {
    const waitedMs = pid === null || before === null ? 0 : (readCpu(pid).waitedNs - before.waitedNs) / 1e6
    const waitedShare = waitedMs / (performance.now() - since)
    return { memory: { resident: memoryTrend(await resident), live: memoryTrend(await live) }, waitedShare }
  }
  return { end }
}

/** @param {number} seconds */
function instants(seconds) {
  return Array.from(
    { length: Math.floor(seconds / sampleSeconds) },
    (_, index) => (index + 1) * sampleSeconds,
  )
}

/**
 * @template S
 * @param {readonly number[]} seconds from now
 * @param {() => Promise<S | undefined>} sample undefined: no sample
 */
function samplesAt(seconds, sample) {
  const each = seconds.map((second) => delay(second * 1000, undefined, { ref: false }).then(sample))
  const samples = Promise.all(each).then((all) => all.filter((one) => one !== undefined))
  // When the load fails, the samples are not awaited any more.
  samples.catch(() => {})
  return samples
}

/**
 * @param {import('../rivals/rival.mjs').Rival} rival
 * @param {number} upstreamPort
 */
async function remainsOf({ name, url, headers, pid }, upstreamPort) {
  const ownPort = Number(new URL(url).port)
  // Counted first, because the following requests open connections.
  const sockets = pid === null ? null : countSockets(pid, { ownPort, otherPort: upstreamPort })
  const asked = await fetch(`http://127.0.0.1:${upstreamPort}/report`)
  /** @type {import('../fixtures/soak-upstream.mjs').SoakUpstreamReport} */
  const upstream = await asked.json()
  const stats = name.startsWith('sfpool') ? await readStats(url, headers) : null
  return {
    upstream,
    remains: {
      clientSockets: sockets?.taken ?? null,
      idleUpstreamSockets: sockets?.made ?? null,
      openAnswers: upstream.open,
      inFlight: stats?.inFlight ?? null,
      waiting: stats?.waiting ?? null,
      isServing: await isServing(url, headers),
    },
  }
}

/**
 * @param {string} url
 * @param {Readonly<Record<string, string>>} headers
 * @returns {Promise<{ inFlight: number, waiting: number }>}
 */
async function readStats(url, headers) {
  const answer = await fetch(new URL('/stats', url), { headers: { ...headers } })
  if (answer.status !== 200) throw new Error(`/stats answers with ${answer.status}`)
  return answer.json()
}

/**
 * @param {string} url
 * @param {Readonly<Record<string, string>>} headers
 */
async function isServing(url, headers) {
  const asked = { 'content-type': 'application/json', ...headers }
  const answer = await fetch(url, { method: 'POST', headers: asked, body: requestBody })
  return answer.status === 200 && replyBody.equals(Buffer.from(await answer.arrayBuffer()))
}
