// @ts-check
import { fileURLToPath } from 'node:url'
import { runPinned } from './child.mjs'
import { cores } from './cores.mjs'
import { readCpu } from './process-usage.mjs'
import { runWrk } from './wrk.mjs'

/** @typedef {import('../rivals/rival.mjs').Rival} Rival */

/**
 * Measures one window of load without streams: the CPU time of the proxy per answered request, and the rate of answers.
 * @param {Rival} rival
 * @param {number} seconds
 */
export async function requestWindow(rival, seconds) {
  const before = usage(rival)
  const { requests, durationUs, failed } = await runWrk({ ...rival, seconds })
  const after = usage(rival)
  if (failed > 0) throw new Error(`${rival.name}: ${failed} of ${requests} requests failed`)
  return {
    requests,
    cpuUs: (after.ranNs - before.ranNs) / 1000 / requests,
    perSecond: (requests / durationUs) * 1e6,
    waitedShare: rival.pid === null ? 0 : (after.waitedNs - before.waitedNs) / 1000 / durationUs,
  }
}

/** @param {Rival} rival */
function usage({ pid }) {
  return pid === null ? { ranNs: Number.NaN, waitedNs: 0 } : readCpu(pid)
}

/**
 * Runs one of the load programs on the load core and returns its report.
 * @param {'stream-load' | 'ping-load' | 'soak-load'} program
 * @param {object} load the program's options
 */
export async function runLoad(program, load) {
  const path = fileURLToPath(new URL(`../programs/${program}.mjs`, import.meta.url))
  const output = await runPinned({
    command: process.execPath,
    args: [path, JSON.stringify(load)],
    core: cores.load,
  })
  return JSON.parse(output)
}
