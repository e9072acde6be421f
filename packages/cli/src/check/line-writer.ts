import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { fileFailure } from '../input/file-failure.js'

/** Where the lines of a report go. */
export interface LineWriter {
  /** Resolves at once, or when what was written before has gone so far that memory stays small. */
  write(line: string): Promise<void>
  close(): Promise<void>
}

/** Lines written to standard output before it is waited for. */
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
 * Lines to a file, which is opened at once: whoever cannot have their results shall hear of it before anything is asked.
 * `append` keeps what it holds. Rejects with a `CliError` naming the file.
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
  // A failure is told with the next line, or at the end.
  await once(stream, 'drain').catch(() => {})
}
