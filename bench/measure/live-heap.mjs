// @ts-check
import { once } from 'node:events'

/**
 * Reads the live bytes, after garbage collection, of a program that imports programs/report-live-heap.mjs. The resident set
 * also contains garbage, which V8 lets grow for minutes; a leak is in the live bytes.
 * @param {import('./child.mjs').Started} started
 * @returns {Promise<number>}
 */
export async function readLiveBytes({ child, output, title }) {
  const known = output.stdout.length
  const answer = () => /live bytes: (\d+)\n/.exec(output.stdout.slice(known))?.[1]
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  child.kill('SIGUSR2')
  while (answer() === undefined) {
    if (isOver() || child.stdout === null) throw new Error(`${title} does not report its live bytes`)
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  }
  return Number(answer())
}
