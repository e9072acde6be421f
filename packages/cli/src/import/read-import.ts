import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { isReadOnce } from '../input/open-file.js'
import { readPieces } from '../input/read-pieces.js'
import type { Terminal } from '../terminal.js'
import { openDatabase } from './database.js'
import { fromDatabase } from './from-database.js'
import { fromText } from './from-text.js'
import type { Imported, ImportSource } from './imported.js'

/** Reads a file of another system, or standard input for `-`. The file is only read: nothing beside it is made. */
export async function readImport(given: string, from: ImportSource, terminal: Terminal): Promise<Imported> {
  const path = given === '-' ? given : resolve(terminal.directory, given)
  if (!isReadOnce(path) && (await isDatabase(path))) {
    await using database = await openedDatabase(path)
    return await fromDatabase(database, from)
  }
  const pieces: Uint8Array[] = []
  for await (const piece of readPieces(path, terminal, limitBytes)) pieces.push(piece)
  return fromText(Buffer.concat(pieces), from)
}

async function openedDatabase(path: string): ReturnType<typeof openDatabase> {
  try {
    return await openDatabase(path)
  } catch (cause) {
    throw new CliError(`the database ${path} cannot be read: ${fileFailure(cause)}`, {
      hint: 'It may be damaged, or half copied; nothing was written',
      cause,
    })
  }
}

/** A list of half a million keys with what is known of them. A larger text is something else. */
const limitBytes = 256 * 1024 * 1024

const magic = 'SQLite format 3\0'

async function isDatabase(path: string): Promise<boolean> {
  try {
    // Opening a named pipe would wait for its writer.
    if (!(await stat(path)).isFile()) return false
    await using file = await open(path, 'r')
    const { buffer, bytesRead } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0)
    return bytesRead === magic.length && buffer.toString('latin1') === magic
  } catch {
    // What cannot be opened is told by whoever reads it next.
    return false
  }
}
