// @ts-check
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from './scratch.mjs'
import { findTool } from './tools.mjs'

/** Calls that are made less often are not part of a request. */
const leastShare = 0.02

/**
 * Counts the system calls of a process while some work runs. Unlike its time, their number does not depend on what else
 * the machine does.
 * @param {number} pid
 * @param {() => Promise<number>} work returns the number of requests that it made
 * @returns {Promise<Map<string, number>>} calls per request by name
 * @throws {import('./tools.mjs').SkippedError} strace is not installed
 */
export async function countSystemCalls(pid, work) {
  const strace = findTool('strace')
  const directory = scratchDirectory('strace')
  try {
    const path = join(directory.path, 'counts')
    const tracer = spawn(strace, ['-c', '-f', '-p', String(pid), '-o', path], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    // It says so when it has attached to the process, or why it may not.
    const [said] = await once(tracer.stderr, 'data')
    if (!String(said).includes('attached')) throw new Error(`strace: ${String(said).trim()}`)
    const requests = await work()
    tracer.kill('SIGINT')
    await once(tracer, 'exit')
    return perRequest(readFileSync(path, 'utf8'), requests)
  } finally {
    directory.remove()
  }
}

/**
 * @param {string} table of `strace -c`
 * @param {number} requests
 * @returns {Map<string, number>}
 */
export function perRequest(table, requests) {
  const found = new Map()
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/)
    const [calls, name] = [Number(columns[3]), columns.at(-1)]
    if (name === undefined || name === 'total' || !(calls / requests >= leastShare)) continue
    found.set(name, calls / requests)
  }
  return found
}
