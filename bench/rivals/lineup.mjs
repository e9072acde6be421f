// @ts-check
import { SkippedError } from '../measure/tools.mjs'
import { UsageError } from '../settings.mjs'
import { nginx } from './nginx.mjs'
import { portkey } from './portkey.mjs'
import { direct, floor, startUpstream } from './rival.mjs'
import { sfpool } from './sfpool.mjs'

/** All entrants, in the order of the tables. */
export const allEntrants = [
  direct,
  floor,
  nginx,
  sfpool('node'),
  sfpool('fastify'),
  sfpool('hono'),
  sfpool('express'),
  portkey,
]

/**
 * Starts an upstream and the named rivals, passes them to `use`, and stops all of them in any case.
 * @template T
 * @param {readonly string[]} names
 * @param {(lineup: { rivals: import('./rival.mjs').Rival[], skipped: string[], upstreamPort: number }) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withLineup(names, use) {
  const known = allEntrants.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw new UsageError(`a rival is one of ${known.join(', ')}: received ${unknown}`)
  const upstream = await startUpstream()
  /** @type {import('./rival.mjs').Rival[]} */
  const rivals = []
  /** @type {string[]} */
  const skipped = []
  try {
    for (const entrant of allEntrants.filter(({ name }) => names.includes(name))) {
      try {
        rivals.push(await entrant.start(upstream.port))
      } catch (error) {
        if (!(error instanceof SkippedError)) throw error
        skipped.push(`${entrant.name} is left out: ${error.message}`)
      }
    }
    return await use({ rivals, skipped, upstreamPort: upstream.port })
  } finally {
    await Promise.all(rivals.map((rival) => rival.stop()))
    await upstream.stop()
  }
}
