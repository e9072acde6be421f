// @ts-check
import { setTimeout as delay } from 'node:timers/promises'
import { monotonicUs } from '../fixtures/chat.mjs'
import { Histogram } from './histogram.mjs'
import { readCpu, readRssBytes } from './process-usage.mjs'
import { StreamClient } from './stream-client.mjs'

/** More events than fit into any window. */
const endless = 1_000_000

/**
 * @typedef {import('./stream-client.mjs').StreamTarget & { pid: number | null }} MeasuredTarget
 *
 * @typedef {object} StreamReport
 * @property {number} events that arrived in the window
 * @property {number} offered events that the upstream should send in the window
 * @property {number} failed streams that broke at any time
 * @property {number | null} cpuNs of the proxy in the window
 * @property {number} waitedShare the share of the window in which the proxy waited for its core, 0 to 1
 * @property {{ p50: number, p99: number }} firstEventUs of streams opened beside the others, one at a time
 * @property {{ p50: number, p99: number }} delayUs from sending by the upstream to receiving by the load
 * @property {number} gapP99Us between two events of one stream
 */

/**
 * Holds many paced streams open, and measures a window of some seconds while all of them run.
 * @param {MeasuredTarget & { streams: number, intervalMs: number, seconds: number, settleMs?: number }} load
 * @returns {Promise<StreamReport>}
 */
export async function loadStreams({ url, headers, pid, streams, intervalMs, seconds, settleMs = 1000 }) {
  const client = new StreamClient({ url, headers })
  const seen = { isOpen: false, events: 0, delays: new Histogram(), gaps: new Histogram() }
  const observe = () => {
    let last = 0
    return (/** @type {number} */ sentUs) => {
      const now = monotonicUs()
      if (seen.isOpen) {
        seen.events++
        if (!Number.isNaN(sentUs)) seen.delays.add(now - sentUs)
        if (last > 0) seen.gaps.add(now - last)
      }
      last = now
    }
  }
  await client.openMany(streams, { intervalMs, events: endless }, observe)
  await delay(settleMs)
  const firstEvents = new Histogram()
  const before = pid === null ? null : readCpu(pid)
  const openedUs = monotonicUs()
  seen.isOpen = true
  await probe(client, { intervalMs, seconds, firstEvents })
  seen.isOpen = false
  const elapsedMs = (monotonicUs() - openedUs) / 1000
  const after = pid === null ? null : readCpu(pid)
  client.close()
  return {
    events: seen.events,
    offered: Math.round((streams * elapsedMs) / intervalMs),
    failed: client.failed,
    cpuNs: before && after && after.ranNs - before.ranNs,
    waitedShare: before && after ? (after.waitedNs - before.waitedNs) / 1e6 / elapsedMs : 0,
    firstEventUs: { p50: firstEvents.percentile(0.5), p99: firstEvents.percentile(0.99) },
    delayUs: { p50: seen.delays.percentile(0.5), p99: seen.delays.percentile(0.99) },
    gapP99Us: seen.gaps.percentile(0.99),
  }
}

/**
 * Opens short streams, one after the other with a pause between, until the window is over.
 * @param {StreamClient} client
 * @param {{ intervalMs: number, seconds: number, firstEvents: Histogram }} window
 */
async function probe(client, { intervalMs, seconds, firstEvents }) {
  const endUs = monotonicUs() + seconds * 1e6
  while (monotonicUs() < endUs) {
    const startUs = monotonicUs()
    await client.open({ intervalMs, events: 1 })
    firstEvents.add(monotonicUs() - startUs)
    await delay(25)
  }
}

/**
 * Measures the memory of one open but silent stream in bytes: the growth of the proxy's resident set with all streams open,
 * divided by their number. It is meaningful on a proxy that was just started and warmed up.
 * @param {{ url: string, headers: Readonly<Record<string, string>>, pid: number, streams: number, settleMs?: number }} load
 */
export async function measureIdleStreams({ url, headers, pid, streams, settleMs = 1000 }) {
  const warm = new StreamClient({ url, headers })
  await warm.openMany(100, { intervalMs: null, events: 1 })
  warm.close()
  await delay(settleMs)
  const before = readRssBytes(pid)
  const client = new StreamClient({ url, headers })
  await client.openMany(streams, { intervalMs: null, events: 1 })
  await delay(settleMs)
  const after = readRssBytes(pid)
  client.close()
  return { bytesPerStream: (after - before) / streams, failed: warm.failed + client.failed }
}
