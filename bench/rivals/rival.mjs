// @ts-check
import { fileURLToPath } from 'node:url'
import { freePort, startPinned, stop, untilListening } from '../measure/child.mjs'
import { cores } from '../measure/cores.mjs'
import { readLiveBytes } from '../measure/live-heap.mjs'

/**
 * A running proxy (none for `direct`): the address for the load, and the process whose CPU is read.
 * @typedef {object} Rival
 * @property {string} name
 * @property {string} url of the chat completions
 * @property {Readonly<Record<string, string>>} headers that this proxy needs on every request
 * @property {number | null} pid null when there is no proxy process
 * @property {() => Promise<void>} stop
 * @property {() => Promise<number>} [liveBytes] reads the live memory, for programs of this project
 *
 * @typedef {object} Entrant
 * @property {string} name
 * @property {(upstreamPort: number) => Promise<Rival>} start throws SkippedError when the entrant cannot run here
 */

const path = '/v1/chat/completions'

/**
 * Starts a proxy on the proxy core and waits until it accepts connections.
 * @param {object} entrant
 * @param {string} entrant.name
 * @param {(port: number) => import('../measure/child.mjs').Program} entrant.program
 * @param {Readonly<Record<string, string>>} [entrant.headers]
 * @param {boolean} [entrant.reportsLiveBytes] the program imports programs/report-live-heap.mjs
 * @returns {Promise<Rival>}
 */
export async function startRival({ name, program, headers = {}, reportsLiveBytes = false }) {
  const port = await freePort()
  const started = startPinned({ ...program(port), core: cores.proxy })
  await untilListening(started, port)
  return {
    name,
    url: `http://127.0.0.1:${port}${path}`,
    headers,
    pid: started.pid,
    stop: () => stop(started),
    ...(reportsLiveBytes ? { liveBytes: () => readLiveBytes(started) } : {}),
  }
}

/**
 * Starts the upstream of all rivals on the load core.
 * @param {string} [program] a file in programs/
 * @param {...string} options of the program, after its port
 */
export async function startUpstream(program = 'upstream', ...options) {
  const port = await freePort()
  const started = startPinned({
    command: process.execPath,
    args: [programPath(program), String(port), ...options],
    core: cores.load,
  })
  await untilListening(started, port)
  return { port, stop: () => stop(started) }
}

/** @type {Entrant} */
export const direct = {
  name: 'direct',
  start: async (upstreamPort) => ({
    name: 'direct',
    url: `http://127.0.0.1:${upstreamPort}${path}`,
    headers: {},
    pid: null,
    stop: async () => {},
  }),
}

/** @type {Entrant} */
export const floor = {
  name: 'floor',
  start: (upstreamPort) =>
    startRival({
      name: 'floor',
      program: (port) => ({
        command: process.execPath,
        args: [programPath('floor'), String(port), `http://127.0.0.1:${upstreamPort}`],
      }),
      reportsLiveBytes: true,
    }),
}

/** @param {string} name of a file in programs/ */
export function programPath(name) {
  return fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url))
}
