import { createReadStream } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import { CliError } from '../cli-error.js'
import type { Terminal } from '../terminal.js'
import { fileFailure } from './file-failure.js'

/** Returns the name of a text source, as messages use it. */
export function sourceName(path: string): string {
  return path === '-' ? 'standard input' : path
}

/** Reads a whole file, or standard input for `-`. Throws a `CliError` that names a file that cannot be read. */
export async function readText(path: string, { input, stopping }: Terminal): Promise<string> {
  const stream = path === '-' ? input : createReadStream(path)
  try {
    return await text(addAbortSignal(stopping, stream))
  } catch (error) {
    if (stopping.aborted) throw error
    throw new CliError(`cannot read ${sourceName(path)}: ${fileFailure(error)}`, { cause: error })
  }
}
