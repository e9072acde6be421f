// @ts-check
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The error for a rival or a load that cannot run here. Its row is left out, and the message says what to install. */
export class SkippedError extends Error {
  /** @override */
  name = 'SkippedError'
}

const packages = Object.freeze({ wrk: 'wrk', nginx: 'nginx-light', strace: 'strace', taskset: 'util-linux' })

/**
 * @param {keyof typeof packages} name
 * @returns {boolean}
 */
export function hasTool(name) {
  try {
    return findTool(name) !== ''
  } catch {
    return false
  }
}

/**
 * Returns the path of a system program.
 * @param {keyof typeof packages} name
 * @param {string} [searchPath]
 * @throws {SkippedError} the program is not installed; the message names the Debian package
 */
export function findTool(name, searchPath = `${process.env.PATH ?? ''}${delimiter}/usr/sbin`) {
  for (const directory of searchPath.split(delimiter)) {
    const path = join(directory, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  throw new SkippedError(`${name} is not installed (Debian: apt-get install ${packages[name]})`)
}
