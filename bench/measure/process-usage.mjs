// @ts-check
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Reads the processor time of a process so far. It works on Linux only, and throws a clear error elsewhere.
 * `/proc/<pid>/stat` counts in ticks of 10 ms, which is coarse for a window of seconds; schedstat counts in nanoseconds.
 * @param {number} pid
 * @returns {{ ranNs: number, waitedNs: number }} ran: all threads; waited: its main thread, ready to run while
 *   something else had the core
 */
export function readCpu(pid) {
  let ranNs = 0
  let waitedNs = 0
  for (const thread of readThreads(pid)) {
    // A thread may end between listing and reading; its time is then lost.
    try {
      const [ran, waited] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
      ranNs += Number(ran)
      if (thread === String(pid)) waitedNs = Number(waited)
    } catch {}
  }
  return { ranNs, waitedNs }
}

/** A proxy that waited longer than this share of a window shared its core with another process. */
const undisturbed = 0.05

/**
 * Returns a remark for the result when a proxy did not have its core to itself, or an empty list.
 * @param {readonly number[]} waitedShares of the windows, 0 to 1
 * @returns {string[]}
 */
export function disturbance(waitedShares) {
  const disturbed = waitedShares.filter((share) => share > undisturbed).length
  if (disturbed === 0) return []
  const worst = Math.round(Math.max(...waitedShares) * 100)
  return [
    `Something else ran on the proxy's core in ${disturbed} of ${waitedShares.length} windows (it waited up to ${worst} % of one): measure again on a quiet machine`,
  ]
}

/**
 * Reads the resident memory of a process in bytes.
 * @param {number} pid
 */
export function readRssBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

/** @param {number} pid */
function readThreads(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch (cause) {
    throw new Error(`no /proc/${pid}/task: the process ended, or this is not Linux`, { cause })
  }
}
