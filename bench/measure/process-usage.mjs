// @ts-check
import { readdirSync, readFileSync } from 'node:fs'

/**
 * CPU time a process has used so far, over all of its threads, in nanoseconds. Linux only: a clear error elsewhere.
 * `/proc/<pid>/stat` counts in ticks of 10 ms, which is coarse for a window of seconds; schedstat counts in ns.
 * @param {number} pid
 */
export function readCpuNs(pid) {
  let total = 0
  for (const thread of readThreads(pid)) {
    // A thread may end between the listing and the reading: its time is lost with it.
    try {
      total += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0])
    } catch {}
  }
  return total
}

/**
 * Resident memory of a process in bytes.
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
