// @ts-check
import { setTimeout as delay } from 'node:timers/promises'
import { replyBody, requestBody } from '../fixtures/chat.mjs'
import { startUpstream } from '../rivals/rival.mjs'
import { readCpu, readRssBytes } from './process-usage.mjs'
import { leaveTimes, memoryTrend, violationsOf } from './soak-reckoning.mjs'
import { countSockets } from './sockets.mjs'
import { runLoad } from './windows.mjs'

/**
 * @typedef {import('./soak-load.mjs').SoakPlan} SoakPlan
 * @typedef {Awaited<ReturnType<typeof soak>>} SoakResult
 */

const sampleMs = 5000
/** The load has gone; who still holds something after that long holds it for good. */
const settleMs = 3000

/**
 * One soak of one proxy, with an upstream of its own, and what is left of it afterwards.
 * @param {import('../rivals/rival.mjs').Entrant} entrant
 * @param {SoakPlan} plan
 */
export async function soak(entrant, plan) {
  const { seed, intervalMs } = plan
  const upstream = await startUpstream('soak-upstream', JSON.stringify({ seed, intervalMs }))
  try {
    const rival = await entrant.start(upstream.port)
    try {
      const watch = watchProcess(rival.pid)
      /** @type {import('./soak-load.mjs').SoakLoadReport} */
      const load = await runLoad('soak-load', { ...plan, url: rival.url, headers: rival.headers })
      const { memory, waitedShare } = watch.end()
      await delay(settleMs)
      const left = await remainsOf(rival, upstream.port)
      const { interrupted, empty, left: leavers, ...seen } = load
      return {
        name: rival.name,
        seconds: plan.seconds,
        ...seen,
        violations: violationsOf(load, left.upstream),
        leave: leaveTimes(load, left.upstream),
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
 * Looks at memory every five seconds, and at the processor from end to end.
 * @param {number | null} pid
 */
function watchProcess(pid) {
  /** @type {{ at: number, value: number }[]} */
  const samples = []
  const since = performance.now()
  const sample = () => {
    if (pid !== null)
      samples.push({ at: (performance.now() - since) / 60_000, value: readRssBytes(pid) / 1024 })
  }
  const timer = setInterval(sample, sampleMs)
  const before = pid === null ? null : readCpu(pid)
  const end = () => {
    clearInterval(timer)
    if (pid === null || before === null) return { memory: null, waitedShare: 0 }
    const waitedMs = (readCpu(pid).waitedNs - before.waitedNs) / 1e6
    return {
      memory: { ...memoryTrend(samples), all: samples },
      waitedShare: waitedMs / (performance.now() - since),
    }
  }
  return { end }
}

/**
 * @param {import('../rivals/rival.mjs').Rival} rival
 * @param {number} upstreamPort
 */
async function remainsOf({ name, url, headers, pid }, upstreamPort) {
  const ownPort = Number(new URL(url).port)
  // Counted first: the questions that follow hold connections of their own.
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
