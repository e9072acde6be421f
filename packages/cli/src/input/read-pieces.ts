import { addAbortSignal } from 'node:stream'
import { CliError } from '../cli-error.js'
import type { Terminal } from '../terminal.js'
import { fileFailure } from './file-failure.js'
import { openFile, tooLarge } from './open-file.js'

/** Returns the name of a text source, as messages use it. */
export function sourceName(path: string): string {
  return path === '-' ? 'standard input' : path
}

/**
 * Reads a file, or standard input for `-`, piece by piece. Throws a `CliError` that names the source and the reason when
 * it cannot be read, is no file, or has more than `limitBytes`.
 */
export async function* readPieces(
  path: string,
  { input, stopping }: Terminal,
  limitBytes: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array, void, undefined> {
  let size = 0
  try {
    const stream = path === '-' ? input : await openFile(path, limitBytes)
    for await (const piece of addAbortSignal(stopping, stream)) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : (piece as Buffer)
      size += bytes.length
      if (size > limitBytes) throw new Error(tooLarge(null, limitBytes))
      yield bytes
    }
  } catch (error) {
    if (stopping.aborted) throw error
    throw new CliError(`cannot read ${sourceName(path)}: ${fileFailure(error)}`, { cause: error })
  }
}
