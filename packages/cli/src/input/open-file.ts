import { constants, createReadStream, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'

/** Whether a source can be read only once: standard input, or a descriptor that a shell opened, as in `<(command)`. */
export function isReadOnce(path: string): boolean {
  return path === '-' || /^\/(?:dev|proc\/self)\/(?:fd\/\d+|stdin)$/.test(path)
}

/**
 * Opens a file for reading. Rejects with the reason when it is no file or has more than `limitBytes`. What is no file
 * is refused before it is opened: reading a device would never end, and opening a named pipe would wait for its writer.
 */
export async function openFile(path: string, limitBytes: number): Promise<Readable> {
  if (isReadOnce(path)) return createReadStream(path)
  const stats = await stat(path)
  const fault = faultOf(stats)
  if (fault !== null) throw new Error(fault)
  if (stats.size > limitBytes) throw new Error(tooLarge(stats.size, limitBytes))
  // Without O_NONBLOCK, a pipe that took the place of the file just now would still block a thread.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  return file.createReadStream()
}

/** Why something is no file to read; null for a file. */
function faultOf(stats: Stats): string | null {
  if (stats.isFile()) return null
  if (stats.isDirectory()) return 'the path is a directory'
  if (stats.isFIFO()) return 'the path is a named pipe; pass its content through standard input, with -'
  if (stats.isSocket()) return 'the path is a socket'
  return 'the path is a device, not a file'
}

/** Says that a source has more than is read of it; `size` is null when it is not known. */
export function tooLarge(size: number | null, limitBytes: number): string {
  const given = size === null ? 'it has' : `it has ${megabytes(size)}, which is`
  return `${given} more than the ${megabytes(limitBytes)} that are read`
}

const megabytes = (bytes: number): string =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${Math.ceil(bytes / 1024 / 1024)} MB`
