// @ts-check
import { disturbance } from '../measure/process-usage.mjs'
import { interleave } from '../measure/rounds.mjs'
import { pairedRatio, summarise } from '../measure/statistics.mjs'
import { requestWindow } from '../measure/windows.mjs'
import { withLineup } from '../rivals/lineup.mjs'

/**
 * @typedef {object} BenchResult
 * @property {readonly string[]} head
 * @property {readonly (readonly string[])[]} rows
 * @property {readonly string[]} notes
 * @property {unknown} figures written to the result file
 *
 * @typedef {object} Bench
 * @property {string} name
 * @property {(settings: import('../settings.mjs').Settings) => string} method printed before any figure
 * @property {(settings: import('../settings.mjs').Settings) => Promise<BenchResult>} run
 */

export const head = ['proxy', 'CPU us/request', 'spread', 'x floor', 'requests/s', 'spread']

/** A process spends its first seconds on compilation and connections. */
const warmUpSeconds = 5

/**
 * Measures the named rivals under load without streams: CPU per request, and its ratio to the floor of the same round.
 * @template More
 * @param {readonly string[]} names
 * @param {import('../settings.mjs').Settings} settings
 * @param {(rivals: import('../rivals/rival.mjs').Rival[]) => Promise<More>} [more] measures something else on the same rivals
 */
export function measureRequests(names, { rounds, seconds }, more = nothingMore) {
  return withLineup(names, async ({ rivals, skipped }) => {
    for (const rival of rivals) await requestWindow(rival, warmUpSeconds)
    const samples = await interleave({ rivals, rounds, measure: (rival) => requestWindow(rival, seconds) })
    const cpuOf = (/** @type {string} */ name) =>
      [...samples].find(([rival]) => rival.name === name)?.[1].map(({ cpuUs }) => cpuUs) ?? []
    const figures = [...samples].map(([{ name }, windows]) => ({
      name,
      cpuUs: summarise(windows.map(({ cpuUs }) => cpuUs)),
      perSecond: summarise(windows.map(({ perSecond }) => perSecond)),
      timesFloor: pairedRatio(cpuOf(name), cpuOf('floor')),
    }))
    /** @param {string} name @param {string} reference */
    const ratio = (name, reference) => pairedRatio(cpuOf(name), cpuOf(reference))
    const waited = [...samples.values()].flat().map(({ waitedShare }) => waitedShare)
    return { figures, ratio, notes: [...skipped, ...disturbance(waited)], more: await more(rivals) }
  })
}

const nothingMore = async () => /** @type {any} */ (undefined)

/** @param {Awaited<ReturnType<typeof measureRequests>>['figures'][number]} figure */
export function row({ name, cpuUs, timesFloor, perSecond }) {
  const isMeasured = !Number.isNaN(cpuUs.median)
  const cpu = isMeasured
    ? [cpuUs.median.toFixed(1), `${cpuUs.min.toFixed(1)}-${cpuUs.max.toFixed(1)}`, timesFloor.toFixed(2)]
    : ['-', '-', '-']
  const rate = [perSecond.median, perSecond.min, perSecond.max].map(Math.round)
  return [name, ...cpu, String(rate[0]), `${rate[1]}-${rate[2]}`]
}

/**
 * Says whether a promise of docs/guide/benchmarks.md was kept in this run.
 * @param {{ what: string, ratio: number, atMost?: number, atLeast?: number }} promise
 */
export function verdict({ what, ratio, atMost, atLeast }) {
  if (Number.isNaN(ratio)) return `${what}: not measured in this run`
  const isKept = ratio <= (atMost ?? Number.POSITIVE_INFINITY) && ratio >= (atLeast ?? 0)
  const rule = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  return `${what}: ${atMost === 0 ? ratio : ratio.toFixed(2)} (promised ${rule}: ${isKept ? 'kept' : 'MISSED'})`
}
