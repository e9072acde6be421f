import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { fileFailure } from '../input/file-failure.js'

/** Writes the lines of a report. */
export interface LineWriter {
  /** Writes a line. Resolves once enough earlier lines are out, so that memory stays small. */
  write(line: string): Promise<void>
  close(): Promise<void>
}

/** The number of lines after which the writer waits for standard output to drain. */
const outputBatch = 256

export function outputWriter({ terminal, print }: Context): LineWriter {
  let written = 0
  return {
    async write(line) {
      print(line)
      if (++written % outputBatch === 0) await terminal.out.drained()
    },
    close: async () => {},
  }
}

/**
 * Opens a writer of lines to a file. The file is opened at once, so that a file that cannot be written is reported
 * before any key is checked. `append` keeps the file's content. Rejects with a `CliError` that names the file.
 */
export async function fileWriter(
  path: string,
  append: 'whole lines' | 'half a line' | null,
): Promise<LineWriter> {
  const stream = createWriteStream(path, { flags: append === null ? 'w' : 'a' })
  let failure: unknown
  stream.on('error', (error) => {
    failure ??= error
  })
  const failed = (error: unknown): CliError =>
    new CliError(`cannot write ${path}: ${fileFailure(error)}`, { cause: error })
  try {
    await once(stream, 'open')
  } catch (error) {
    throw failed(error)
  }
  if (append === 'half a line') stream.write('\n')
  return {
    async write(line) {
      if (failure !== undefined) throw failed(failure)
      if (!stream.write(`${line}\n`)) await drained(stream)
    },
    async close() {
      if (failure === undefined) await new Promise<void>((resolve) => stream.end(resolve))
      if (failure !== undefined) throw failed(failure)
    },
  }
}

async function drained(stream: WriteStream): Promise<void> {
  // A failure is reported with the next line or at the end.
  await once(stream, 'drain').catch(() => {})
}
