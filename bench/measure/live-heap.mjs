// @ts-check
import { once } from 'node:events'

/**
 * Bytes that are alive in a program of ours (one that imports programs/report-live-heap.mjs) once its garbage is
 * collected. The resident set also holds garbage, and V8 lets that grow for minutes; what leaks is alive.
 * @param {import('./child.mjs').Started} started
 * @returns {Promise<number>}
 */
export async function readLiveBytes({ child, output, title }) {
  const known = output.stdout.length
  const answer = () => /live bytes: (\d+)\n/.exec(output.stdout.slice(known))?.[1]
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  child.kill('SIGUSR2')
  while (answer() === undefined) {
    if (isOver() || child.stdout === null) throw new Error(`${title} does not tell its live bytes`)
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  }
  return Number(answer())
}
