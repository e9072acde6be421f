// @ts-check
import { join } from 'node:path'
import { scratchDirectory } from '../measure/scratch.mjs'
import { programPath, startRival } from './rival.mjs'

/** @typedef {'node' | 'fastify' | 'hono' | 'express'} Mount */

const clientKey = 'fake-client-key-of-the-bench'

/**
 * Makes an entrant of the whole gateway behind a mount: it checks a client key, uses 50 keys in turn from a SQLite file,
 * counts usage and logs one line per request to a file.
 * @param {Mount} mount
 * @param {{ pool?: object, gateway?: object }} [extra] further options
 * @returns {import('./rival.mjs').Entrant}
 */
export function sfpool(mount, extra = {}) {
  const name = `sfpool ${mount}`
  return {
    name,
    start: async (upstreamPort) => {
      const directory = scratchDirectory('gateway')
      const settings = {
        ...extra,
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
