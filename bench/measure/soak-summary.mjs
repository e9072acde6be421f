// @ts-check
import { percentile, slope } from './statistics.mjs'

/**
 * @typedef {import('./soak-load.mjs').SoakLoadReport} SoakLoadReport
 * @typedef {import('../fixtures/soak-upstream.mjs').SoakUpstreamReport} SoakUpstreamReport
 */

/** So many empty answers may a pool take for mishaps before it passes one on. */
const emptyAnswers = 2

/**
 * What neither side sees alone: violations by kind, those of the load and those that show when its report is laid
 * beside the upstream's.
 * @param {Pick<SoakLoadReport, 'violations' | 'interrupted' | 'empty'>} load
 * @param {Pick<SoakUpstreamReport, 'brokenBehindOutput' | 'emptied' | 'askedAgain'>} upstream
 * @returns {SoakLoadReport['violations']}
 */
export function violationsOf(load, { brokenBehindOutput, emptied, askedAgain }) {
  const broken = new Set(brokenBehindOutput)
  const found = {
    'interrupted without a fault': load.interrupted.filter((id) => !broken.has(id)),
    'empty too soon': load.empty.filter((id) => emptied.filter((each) => each === id).length < emptyAnswers),
    'asked again behind output': askedAgain,
  }
  const beside = Object.entries(found).filter(([, ids]) => ids.length > 0)
  return {
    ...load.violations,
    ...Object.fromEntries(
      beside.map(([kind, ids]) => [
        kind,
        { count: ids.length, samples: ids.slice(0, 5).map((id) => `stream ${id}`) },
      ]),
    ),
  }
}

/**
 * From the client's leaving to the upstream's seeing its connection closed. Not found: clients that left when the
 * upstream had just ended its answer, or when it was not asked yet.
 * @param {Pick<SoakLoadReport, 'left'>} load
 * @param {Pick<SoakUpstreamReport, 'closed'>} upstream
 */
export function leaveTimes({ left }, { closed }) {
  const leftAt = new Map(left.map(({ id, atUs }) => [id, atUs]))
  const found = closed.flatMap(({ id, atUs }) => {
    const since = leftAt.get(id)
    // A call before that was closed by the proxy for reasons of its own.
    return since === undefined || atUs < since ? [] : (atUs - since) / 1000
  })
  return {
    count: found.length,
    notFound: left.length - found.length,
    p50Ms: percentile(found, 0.5),
    p99Ms: percentile(found, 0.99),
    maxMs: percentile(found, 1),
  }
}

/** The first minute fills caches, compiled code and the connections' buffers; of a short soak, its first half. */
const warmUpMinutes = 1

/**
 * @typedef {object} Trend once things have settled
 * @property {number} minKB
 * @property {number} maxKB
 * @property {number} perMinuteKB
 * @property {number} perMinuteShare of the mean
 * @property {readonly { at: number, value: number }[]} samples all of them
 *
 * @param {readonly { at: number, value: number }[]} samples KB, by minutes since the start
 * @returns {Trend | null} null without samples
 */
export function memoryTrend(samples) {
  if (samples.length === 0) return null
  const begin = Math.min(warmUpMinutes, Math.max(...samples.map(({ at }) => at)) / 2)
  const settled = samples.filter(({ at }) => at >= begin)
  const values = settled.map(({ value }) => value)
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const perMinuteKB = slope(settled)
  return {
    minKB: Math.min(...values),
    maxKB: Math.max(...values),
    perMinuteKB,
    perMinuteShare: perMinuteKB / mean,
    samples,
  }
}
