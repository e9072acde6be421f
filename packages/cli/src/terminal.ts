import { basename, relative } from 'node:path'
import type { Readable } from 'node:stream'

/** One of the two streams a command writes to. */
export interface Output {
  /** The underlying stream, for libraries that draw on a terminal themselves. */
  readonly stream: NodeJS.WritableStream
  readonly isTTY: boolean
  /** The current width in columns; undefined when the output is not a terminal. */
  readonly columns: () => number | undefined
  write(text: string): void
  /** Resolves when all written text has left the process. */
  drained(): Promise<void>
}

/** The process around a command: its streams, environment, clock and signals. */
export interface Terminal {
  /** Data, which scripts read. */
  readonly out: Output
  /** Progress, remarks and errors. */
  readonly err: Output
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The command with which the user starts this program. */
  readonly command: string
  /** The working directory. */
  readonly directory: string
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  /** Fires on the first SIGINT or SIGTERM: the command stops and keeps its results. */
  readonly stopping: AbortSignal
  /** Fires on the second signal: the command stops waiting for anything. */
  readonly ending: AbortSignal
}

/** Returns `sfpool` where it is installed, and in a checkout the command that runs the built file. */
export function commandName(script: string, directory: string): string {
  return basename(script) === 'sfpool' ? 'sfpool' : `node ${relative(directory, script)}`
}

/** Wraps a stream of the process as an output. A closed pipe (`| head`) is reported to `onReaderGone`, not as an error. */
export function outputOver(stream: NodeJS.WriteStream, onReaderGone: () => void): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') onReaderGone()
    else throw error
  })
  return {
    stream,
    isTTY: stream.isTTY === true,
    columns: () => (stream.isTTY === true ? stream.columns : undefined),
    write: (text) => {
      stream.write(text)
    },
    drained: () => new Promise((resolve) => stream.write('', () => resolve())),
  }
}
