// @ts-check
import { join } from 'node:path'
import { scratchDirectory } from '../measure/scratch.mjs'
import { programPath, startRival } from './rival.mjs'

/** @typedef {'node' | 'fastify' | 'hono' | 'express'} Mount */

const clientKey = 'fake-client-key-of-the-bench'

/**
 * The whole gateway behind one of our mounts: a client key to check, 50 keys in turn from a SQLite file, usage
 * counted, one log line per request into a file.
 * @param {Mount} mount
 * @returns {import('./rival.mjs').Entrant}
 */
export function sfpool(mount) {
  const name = `sfpool ${mount}`
  return {
    name,
    start: async (upstreamPort) => {
      const directory = scratchDirectory('gateway')
      const settings = {
        mount,
        clientKey,
        baseURL: `http://127.0.0.1:${upstreamPort}/v1`,
        storePath: join(directory.path, 'keys.db'),
      }
      const rival = await startRival({
        name,
        program: (port) => ({
          command: process.execPath,
          args: [programPath('gateway'), JSON.stringify({ ...settings, port })],
          stderrPath: join(directory.path, 'requests.log'),
        }),
        headers: { authorization: `Bearer ${clientKey}` },
        reportsLiveBytes: true,
      })
      const stop = async () => {
        await rival.stop()
        directory.remove()
      }
      return { ...rival, stop }
    },
  }
}
