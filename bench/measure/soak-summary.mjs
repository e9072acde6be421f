// @ts-check
import { percentile, slope } from './statistics.mjs'

/**
 * @typedef {import('./soak-load.mjs').SoakLoadReport} SoakLoadReport
 * @typedef {import('../fixtures/soak-upstream.mjs').SoakUpstreamReport} SoakUpstreamReport
 */

/** A pool may pass an empty answer on only after this many empty answers. */
const emptyAnswers = 2

/**
 * Returns violations by kind: those that the load found, and those that only a comparison with the upstream's report
 * shows.
 * @param {Pick<SoakLoadReport, 'violations' | 'interrupted' | 'empty'>} load
 * @param {Pick<SoakUpstreamReport, 'brokenAfterOutput' | 'emptied' | 'askedAgain'>} upstream
 * @returns {SoakLoadReport['violations']}
 */
export function violationsOf(load, { brokenAfterOutput, emptied, askedAgain }) {
  const broken = new Set(brokenAfterOutput)
  const found = {
    'interrupted without a fault': load.interrupted.filter((id) => !broken.has(id)),
    'empty too soon': load.empty.filter((id) => emptied.filter((each) => each === id).length < emptyAnswers),
    'asked again after output': askedAgain,
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
 * Measures the time from a client's leaving until the upstream notices the closed connection. Not found are clients that
 * left when the upstream had just ended its answer or was not called yet.
 * @param {Pick<SoakLoadReport, 'left'>} load
 * @param {Pick<SoakUpstreamReport, 'closed'>} upstream
 */
export function leaveTimes({ left }, { closed }) {
  const leftAt = new Map(left.map(({ id, atUs }) => [id, atUs]))
  const found = closed.flatMap(({ id, atUs }) => {
    const since = leftAt.get(id)
    // The proxy closed an earlier call for another reason.
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

/** The warm-up, in which caches, compiled code and buffers fill: the first minute, or half of a short soak. */
const warmUpMinutes = 1

/**
 * @typedef {object} Trend after the warm-up
 * @property {number} minKB
 * @property {number} maxKB
 * @property {number} perMinuteKB
 * @property {number} perMinuteShare of the mean
 * @property {readonly { at: number, value: number }[]} samples including the warm-up
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
