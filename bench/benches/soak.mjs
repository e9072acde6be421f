// @ts-check
import { disturbance } from '../measure/process-usage.mjs'
import { soak } from '../measure/soak-run.mjs'
import { everybody } from '../rivals/lineup.mjs'
import { UsageError } from '../settings.mjs'
import { verdict } from './request-bench.mjs'

/** @typedef {import('../measure/soak-run.mjs').SoakResult} SoakResult */

const names = ['sfpool node', 'floor']
const seed = 20_261_121
const intervalMs = 200
/** Who is only there for comparison runs a fifth of the time. */
const comparedShare = 5
/** Memory is called flat when it rises by no more than this share of itself per minute. */
const flatShare = 0.01

/** @type {import('./request-bench.mjs').Bench} */
export const soakBench = {
  name: 'soak',
  method: ({ soakSeconds, streams }) =>
    `${Math.max(...streams)} streams held open for ${soakSeconds} s, ${1000 / intervalMs} events/s each, 40 to 150 texts long; when one ends the next begins. One upstream
call in ten has a fault, half of these behind output; one client in ten leaves early, most in the middle. Every byte of
a stream follows from its number, so every byte that arrives is checked. Endings: whole; told (an error event, then no
clean end, exact until there); empty (the upstream's own, twice in a row); refused; left. Anything else is a violation.
Three seconds after the load has gone nothing may be left. Memory: slope of the resident set by least squares after the
first minute (of a short soak, after its first half). Leaving: from the client's closing to the upstream's seeing it.
The floor, for comparison, runs a fifth of the time.`,
  run: async (settings) => {
    const results = []
    for (const entrant of entrantsOf(settings.rivals ?? names)) {
      const isOurs = entrant.name.startsWith('sfpool')
      const seconds = isOurs ? settings.soakSeconds : Math.max(10, settings.soakSeconds / comparedShare)
      results.push(await soak(entrant, { seed, intervalMs, seconds, streams: Math.max(...settings.streams) }))
    }
    const notes = [
      ...results.filter(({ name }) => name.startsWith('sfpool')).flatMap(promisesOf),
      ...results.flatMap(violationNotes),
      ...disturbance(results.map(({ waitedShare }) => waitedShare)),
    ]
    return { head, rows: results.map(row), notes, figures: results }
  },
}

/** @param {readonly string[]} chosen */
function entrantsOf(chosen) {
  return chosen.map((name) => {
    const entrant = everybody.find((each) => each.name === name)
    if (entrant !== undefined) return entrant
    throw new UsageError(
      `a rival is one of ${everybody.map((each) => each.name).join(', ')}: received ${name}`,
    )
  })
}

const head = [
  'proxy',
  'seconds',
  'streams',
  'events/s',
  'whole',
  'told',
  'empty',
  'refused',
  'left',
  'violations',
  'leave p50 ms',
  'p99',
  'max',
  'RSS MB',
  'KB/min',
]

/** @param {SoakResult} result */
function row({ name, seconds, streams, events, endings, violations, leave, memory }) {
  const megabytes = (/** @type {number} */ kilobytes) => (kilobytes / 1024).toFixed(0)
  return [
    name,
    seconds.toFixed(0),
    String(streams),
    (events / seconds).toFixed(0),
    ...[endings.completed, endings.interrupted, endings.empty, endings.refused, endings.left].map(String),
    String(sumOf(violations)),
    ...[leave.p50Ms, leave.p99Ms, leave.maxMs].map((ms) => ms.toFixed(1)),
    memory === null ? '-' : `${megabytes(memory.minKB)}-${megabytes(memory.maxKB)}`,
    memory === null ? '-' : memory.perMinuteKB.toFixed(0),
  ]
}

/** @param {SoakResult['violations']} violations */
function sumOf(violations) {
  return Object.values(violations).reduce((sum, { count }) => sum + count, 0)
}

/** @param {SoakResult} result */
function promisesOf({ name, violations, remains, memory, leave, endings, leftAtEnd, calls, faults }) {
  const none = (/** @type {string} */ what, /** @type {number | null} */ count) =>
    verdict({ what: `${name}: ${what}`, ratio: count ?? Number.NaN, atMost: 0 })
  const faulty = Object.values(faults).reduce((sum, count) => sum + count, 0)
  return [
    `${name}: ${calls} upstream calls, ${faulty} of them with a fault; ${endings.left} clients left, ${leftAtEnd} more at the end`,
    none('violations', sumOf(violations)),
    none('connections of clients left over', remains.clientSockets),
    none('answers of the upstream left open', remains.openAnswers),
    none('reservations left over', remains.inFlight),
    none('requests still waiting', remains.waiting),
    none('fresh requests that were not served', remains.isServing ? 0 : 1),
    verdict({
      what: `${name}: rise of memory, percent of it per minute`,
      ratio: Math.max(0, (memory?.perMinuteShare ?? Number.NaN) * 100),
      atMost: flatShare * 100,
    }),
    verdict({ what: `${name}: leaving p99, ms, of ${leave.count}`, ratio: leave.p99Ms, atMost: 50 }),
  ]
}

/** @param {SoakResult} result */
function violationNotes({ name, violations, refusals }) {
  return [
    ...Object.entries(refusals).map(([code, count]) => `${name}: refused ${count} times with ${code}`),
    ...Object.entries(violations).map(
      ([kind, { count, samples }]) => `${name}: ${count} x ${kind}, as in ${samples[0] ?? ''}`,
    ),
  ]
}
