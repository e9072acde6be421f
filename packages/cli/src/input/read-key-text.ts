import type { ParsedKeys } from '@sfpool/core'
import type { Terminal } from '../terminal.js'
import { readPieces } from './read-pieces.js'

/** Half a million keys fit in. A larger file is something else. */
const limitBytes = 32 * 1024 * 1024

/**
 * Reads the keys of a file, or of standard input for `-`, in any encoding that `readKeys` knows. A server goes on
 * between the pieces. Throws a `CliError` that names a source that cannot be read.
 */
export async function readKeyText(path: string, terminal: Terminal): Promise<ParsedKeys> {
  const { readKeys } = await import('@sfpool/core')
  const all: Required<Pick<ParsedKeys, 'keys' | 'rejected'>> = { keys: [], rejected: [] }
  let omitted = 0
  for await (const found of readKeys(readPieces(path, terminal, limitBytes))) {
    for (const key of found.keys) all.keys.push(key)
    for (const each of found.rejected) all.rejected.push(each)
    omitted += found.omitted ?? 0
  }
  return omitted === 0 ? all : { ...all, omitted }
}
