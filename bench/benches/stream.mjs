// @ts-check
import { streamRequestBody } from '../fixtures/chat.mjs'
import { disturbance } from '../measure/process-usage.mjs'
import { interleave } from '../measure/rounds.mjs'
import { median, pairedRatio, summarise } from '../measure/statistics.mjs'
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

/** @typedef {import('../rivals/rival.mjs').Rival} Rival */
/** @typedef {import('../measure/stream-load.mjs').StreamReport} StreamReport */

/** @type {import('./request-bench.mjs').Bench} */
export const streamBench = {
  name: 'stream',
  method: ({ rounds, seconds, streams }) =>
    `Event streams of 362-byte events: ${streams.map((count) => `${count} at once, ${1000 / intervalMsFor(count)} events/s each`).join('; ')}.
More than 20,000 events/s in all would measure the queue of a full core, not the cost of an event, so larger
numbers of streams run at a lower rate each. ${rounds} interleaved windows of ${seconds} s. CPU is the time of the proxy
process per received event. Every event carries the instant of its sending: delay is the time from there to the client.
First event: that of short streams opened beside the others. "Added" is the difference to "direct" in the same round.
Memory: resident set per silent stream, for 2,000 of them, on a proxy that was just started.`,
  run: async (settings) => {
    const chosen = settings.rivals ?? names
    /** @type {Busy[]} */
    const busy = []
    for (const count of settings.streams) busy.push(await measureBusy(chosen, settings, count))
    const idle = await measureIdle(chosen, settings)
    const memory = new Map(idle.map(({ name, kilobytes }) => [name, kilobytes]))
    const rows = busy.flatMap(({ count, figures }) => figures.map((figure) => row(figure, count, memory)))
    const kilobytes = memory.get('sfpool node') ?? Number.NaN
    const notes = [
      ...busy.map(({ count, ratio }) =>
        verdict({ what: `CPU per event, ${count} streams, sfpool node / floor`, ratio, atMost: 1.1 }),
      ),
      verdict({ what: 'KB per silent stream, sfpool node', ratio: kilobytes, atMost: 30 }),
      ...new Set(busy.flatMap(({ notes }) => notes)),
    ]
    return { head, rows, notes, figures: { busy, idle } }
  },
}

const head = [
  'proxy',
  'streams',
  'CPU us/event',
  'spread',
  'x floor',
  'delivered',
  'added first p50 ms',
  'added gap p99 ms',
  'delay p99 ms',
  'KB/silent stream',
]

/** @param {number} count of streams */
function intervalMsFor(count) {
  return Math.max(20, Math.ceil(count / 20))
}

/**
 * @typedef {object} Busy
 * @property {number} count of streams
 * @property {ReturnType<typeof summary>[]} figures
 * @property {number} ratio of sfpool node to the floor
 * @property {string[]} notes
 */

/**
 * @param {readonly string[]} chosen
 * @param {import('../settings.mjs').Settings} settings
 * @param {number} count
 * @returns {Promise<Busy>}
 */
function measureBusy(chosen, { rounds, seconds }, count) {
  const load = { streams: count, intervalMs: intervalMsFor(count), seconds }
  return withLineup([...new Set(['direct', ...chosen])], async (lineup) => {
    const { rivals, refused } = await ableToStream(lineup.rivals)
    for (const { url, headers, pid } of rivals)
      await runLoad('stream-load', { ...load, url, headers, pid, seconds: 1 })
    /** @type {Map<Rival, StreamReport[]>} */
    const samples = await interleave({
      rivals,
      rounds,
      measure: ({ url, headers, pid }) => runLoad('stream-load', { ...load, url, headers, pid }),
    })
    const reportsOf = (/** @type {string} */ name) =>
      [...samples].find(([rival]) => rival.name === name)?.[1] ?? []
    const figures = [...samples].map(([{ name }, reports]) => summary(name, reports, reportsOf))
    const waited = [...samples.values()].flat().map(({ waitedShare }) => waitedShare)
    const ratio = figures.find(({ name }) => name === 'sfpool node')?.timesFloor ?? Number.NaN
    return { count, figures, ratio, notes: [...lineup.skipped, ...refused, ...disturbance(waited)] }
  })
}

/**
 * @param {string} name
 * @param {readonly StreamReport[]} reports
 * @param {(name: string) => readonly StreamReport[]} reportsOf
 */
function summary(name, reports, reportsOf) {
  const bare = reportsOf('direct')
  const cpu = (/** @type {readonly StreamReport[]} */ of) =>
    of.map(({ cpuNs, events }) => (cpuNs === null ? Number.NaN : cpuNs / 1000 / events))
  const added = (/** @type {(report: StreamReport) => number} */ figure) =>
    median(
      reports.map((report, round) => figure(report) - (bare[round] ? figure(bare[round]) : Number.NaN)),
    ) / 1000
  return {
    name,
    cpuUs: summarise(cpu(reports)),
    timesFloor: pairedRatio(cpu(reports), cpu(reportsOf('floor'))),
    delivered: median(reports.map(({ events, offered }) => events / offered)),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    addedFirstEventP50Ms: added(({ firstEventUs }) => firstEventUs.p50),
    addedFirstEventP99Ms: added(({ firstEventUs }) => firstEventUs.p99),
    addedGapP99Ms: added(({ gapP99Us }) => gapP99Us),
    delayP99Ms: median(reports.map(({ delayUs }) => delayUs.p99)) / 1000,
  }
}

/**
 * @param {ReturnType<typeof summary>} figure
 * @param {number} count
 * @param {ReadonlyMap<string, number>} memory
 */
function row(figure, count, memory) {
  const { cpuUs } = figure
  const cpu = Number.isNaN(cpuUs.median)
    ? ['-', '-', '-']
    : [
        cpuUs.median.toFixed(1),
        `${cpuUs.min.toFixed(1)}-${cpuUs.max.toFixed(1)}`,
        figure.timesFloor.toFixed(2),
      ]
  const failed = figure.failed > 0 ? ` (${figure.failed} broken)` : ''
  return [
    figure.name,
    String(count),
    ...cpu,
    `${(figure.delivered * 100).toFixed(0)}%${failed}`,
    figure.addedFirstEventP50Ms.toFixed(2),
    figure.addedGapP99Ms.toFixed(2),
    figure.delayP99Ms.toFixed(2),
    memory.get(figure.name)?.toFixed(0) ?? '-',
  ]
}

/**
 * Leaves out rivals that cannot stream at all, and reports how they answered.
 * @param {readonly Rival[]} rivals
 */
async function ableToStream(rivals) {
  /** @type {Rival[]} */
  const able = []
  /** @type {string[]} */
  const refused = []
  for (const rival of rivals) {
    const headers = { 'content-type': 'application/json', ...rival.headers }
    const body = streamRequestBody({ intervalMs: 20, events: 2 })
    const answer = await fetch(rival.url, { method: 'POST', headers, body })
    const text = await answer.text()
    if (answer.status === 200 && text.includes('[DONE]')) able.push(rival)
    else
      refused.push(
        `${rival.name} is left out: it answers a stream with ${answer.status} ${text.slice(0, 80)}`,
      )
  }
  return { rivals: able, refused }
}

/**
 * @param {readonly string[]} chosen
 * @param {import('../settings.mjs').Settings} settings
 */
async function measureIdle(chosen, { rounds }) {
  /** @type {Map<string, number[]>} */
  const samples = new Map()
  for (let round = 0; round < Math.min(3, rounds); round++) {
    // A process that once held many streams never returns all memory, so each round starts new processes.
    await withLineup(chosen, async (lineup) => {
      const { rivals } = await ableToStream(lineup.rivals)
      for (const { name, url, headers, pid } of rivals) {
        if (pid === null) continue
        const report = await runLoad('stream-load', { kind: 'idle', url, headers, pid, streams: 2000 })
        samples.set(name, [...(samples.get(name) ?? []), report.bytesPerStream / 1024])
      }
    })
  }
  return [...samples].map(([name, each]) => ({ name, kilobytes: median(each), samples: each }))
}
