import { basename, relative } from 'node:path'
import type { Readable } from 'node:stream'

/** One of the two streams a command writes to. */
export interface Output {
  /** For libraries that draw on a terminal themselves. */
  readonly stream: NodeJS.WritableStream
  readonly isTTY: boolean
  /** Width in columns, as it is now; undefined when it is no terminal. */
  readonly columns: () => number | undefined
  write(text: string): void
  /** Resolves when everything written has left the process. */
  drained(): Promise<void>
}

/** All that a command knows of the process around it. */
export interface Terminal {
  /** Data: what scripts read. */
  readonly out: Output
  /** Talk: progress, remarks, errors. */
  readonly err: Output
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** How the user calls this program. */
  readonly command: string
  /** The working directory. */
  readonly directory: string
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number
  /** Fires on the first SIGINT or SIGTERM: stop, and keep what is done. */
  readonly stopping: AbortSignal
  /** Fires on the second: stop waiting for anything. */
  readonly ending: AbortSignal
}

/** `sfpool` where it is installed; in a checkout, what runs the built file. */
export function commandName(script: string, directory: string): string {
  return basename(script) === 'sfpool' ? 'sfpool' : `node ${relative(directory, script)}`
}

/** An output over a stream of the process. A reader that left (`| head`) is passed over in silence. */
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
