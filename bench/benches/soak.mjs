// @ts-check
import { disturbance } from '../measure/process-usage.mjs'
import { soak } from '../measure/soak-run.mjs'
import { allEntrants } from '../rivals/lineup.mjs'
import { UsageError } from '../settings.mjs'
import { verdict } from './request-bench.mjs'

/** @typedef {import('../measure/soak-run.mjs').SoakResult} SoakResult */

const names = ['sfpool node', 'floor']
const seed = 20_261_121
const intervalMs = 200
/** A proxy that runs only for comparison runs a fifth of the time. */
const comparedShare = 5
/** Memory counts as flat when live memory rises by at most this share of itself per minute. */
const flatShare = 0.01

/** @type {import('./request-bench.mjs').Bench} */
export const soakBench = {
  name: 'soak',
  method: ({ soakSeconds, streams }) =>
    `${Math.max(...streams)} streams held open for ${soakSeconds} s, ${1000 / intervalMs} events/s each, 40 to 150 texts long; when one ends the next begins. One upstream
call in ten has a fault, half of these after output; one client in ten leaves early, most in the middle. Beside them, each
second one client pipelines five streams and leaves, and one stalls in the middle of an upload and leaves. Every byte of
a stream follows from its number, so every received byte is checked. Endings: whole; broken (exact until an error event,
then no clean end); empty (empty upstream answers, twice in a row); refused; left. Anything else is a violation. Three
seconds after the load has ended, nothing may be left. Memory: the resident set, and the live part of it after garbage
collection; slopes by least squares after the first minute (of a short soak, after its first half). Leaving: from the
client's close until the upstream notices it. The floor, for comparison, runs a fifth of the time.`,
  run: async (settings) => {
    const results = []
    for (const entrant of entrantsOf(settings.rivals ?? names)) {
      const isOurs = entrant.name.startsWith('sfpool')
      const seconds = isOurs ? settings.soakSeconds : Math.max(10, settings.soakSeconds / comparedShare)
      results.push(
        await soak(entrant, {
          seed,
          intervalMs,
          seconds,
          streams: Math.max(...settings.streams),
          hasLeavers: isOurs,
        }),
      )
    }
    const notes = [
      ...results.filter(({ name }) => name.startsWith('sfpool')).flatMap(promisesOf),
      ...results.flatMap(problemNotes),
      ...results.flatMap(latenessNotes),
      ...disturbance(results.map(({ waitedShare }) => waitedShare)),
    ]
    return { head, rows: results.map(row), notes, figures: results }
  },
}

/** @param {readonly string[]} chosen */
function entrantsOf(chosen) {
  return chosen.map((name) => {
    const entrant = allEntrants.find((each) => each.name === name)
    if (entrant !== undefined) return entrant
    throw new UsageError(
      `a rival is one of ${allEntrants.map((each) => each.name).join(', ')}: received ${name}`,
    )
  })
}

const head = [
  'proxy',
  'seconds',
  'streams',
  'events/s',
  'whole',
  'broken',
  'empty',
  'refused',
  'left',
  'violations',
  'leave p50 ms',
  'p99',
  'max',
  'RSS MB',
  'KB/min',
  'live MB',
  'KB/min',
]

/** @param {SoakResult} result */
function row({ name, seconds, streams, events, endings, violations, leave, memory }) {
  return [
    name,
    seconds.toFixed(0),
    String(streams),
    (events / seconds).toFixed(0),
    ...[endings.completed, endings.interrupted, endings.empty, endings.refused, endings.left].map(String),
    String(sumOf(violations)),
    ...[leave.p50Ms, leave.p99Ms, leave.maxMs].map((ms) => ms.toFixed(1)),
    ...[memory.resident, memory.live].flatMap(trendCells),
  ]
}

/** @param {SoakResult['memory']['live']} trend */
function trendCells(trend) {
  if (trend === null) return ['-', '-']
  const [min, max] = [trend.minKB, trend.maxKB].map((kilobytes) => (kilobytes / 1024).toFixed(0))
  return [`${min}-${max}`, trend.perMinuteKB.toFixed(0)]
}

/** @param {SoakResult['violations']} violations */
function sumOf(violations) {
  return Object.values(violations).reduce((sum, { count }) => sum + count, 0)
}

/** @param {SoakResult} result */
function promisesOf({
  name,
  violations,
  remains,
  memory,
  leave,
  endings,
  leftAtEnd,
  leavers,
  calls,
  faults,
}) {
  const none = (/** @type {string} */ what, /** @type {number | null} */ count) =>
    verdict({ what: `${name}: ${what}`, ratio: count ?? Number.NaN, atMost: 0 })
  const faulty = Object.values(faults).reduce((sum, count) => sum + count, 0)
  return [
    `${name}: ${calls} upstream calls, ${faulty} of them with a fault; ${endings.left} clients left, ${leftAtEnd} more at the end; ${leavers.pipelined} pipelined streams were left, ${leavers.stalled} uploads stalled`,
    none('violations', sumOf(violations)),
    none('remaining client connections', remains.clientSockets),
    none('open upstream answers', remains.openAnswers),
    none('remaining reservations', remains.inFlight),
    none('waiting requests', remains.waiting),
    none('new requests that were not served', remains.isServing ? 0 : 1),
    verdict({
      what: `${name}: rise of live memory, percent of it per minute`,
      ratio: Math.max(0, (memory.live?.perMinuteShare ?? Number.NaN) * 100),
      atMost: flatShare * 100,
    }),
    verdict({ what: `${name}: leaving p99, ms, of ${leave.count}`, ratio: leave.p99Ms, atMost: 50 }),
  ]
}

/** @param {SoakResult} result */
function problemNotes({ name, violations, refusals }) {
  const notesOf = (/** @type {SoakResult['violations']} */ counts, /** @type {string} */ what) =>
    Object.entries(counts).map(
      ([kind, { count, samples }]) =>
        `${name}: ${count} ${what} (${kind}), such as ${samples[0]?.slice(0, 160) ?? ''}`,
    )
  return [...notesOf(refusals, 'refused'), ...notesOf(violations, 'violations')]
}

/** When the load or the upstream run later than this themselves, their recorded instants are late, too. */
const latenessMs = 25

/** @param {SoakResult} result */
function latenessNotes({ name, late, upstreamLate }) {
  const each = { load: late, upstream: upstreamLate }
  return Object.entries(each).flatMap(([who, { p99Ms, maxMs }]) =>
    p99Ms > latenessMs
      ? `${name}: the ${who} itself ran late (p99 ${p99Ms.toFixed(0)} ms, at most ${maxMs.toFixed(0)} ms), which is part of the leaving time`
      : [],
  )
}
