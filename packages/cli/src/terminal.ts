import { basename, relative } from 'node:path'
import type { Readable } from 'node:stream'
import type { LineBuffer } from '@sfpool/gateway'
import { fileFailure } from './input/file-failure.js'

/** One of the two streams a command writes to. */
export interface Output {
  /** The underlying stream, for libraries that draw on a terminal themselves. */
  readonly stream: NodeJS.WritableStream
  readonly isTTY: boolean
  /** The current width in columns; undefined when the output is not a terminal. */
  readonly columns: () => number | undefined
  write(text: string): void
  /** The same for text that may come a moment later, so that many such are written at once. */
  writeSoon(text: string): void
  /** Resolves when all written text has left the process. */
  drained(): Promise<void>
  /**
   * From now on text that cannot be written is dropped and counted, and never ends or delays the process: a server goes
   * on when the disk of its log is full or nobody reads what it says. `report` makes the line that tells how much was
   * lost, with its end.
   */
  endure(report?: (lost: number, reason: string) => string): Promise<void>
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
  /** Calls back on each SIGHUP, which no longer ends the process. Where the terminal itself was closed, it still stops. */
  readonly onHangUp: (listener: () => void) => void
}

/** Returns `sfpool` where it is installed, and in a checkout the command that runs the built file. */
export function commandName(script: string, directory: string): string {
  return basename(script) === 'sfpool' ? 'sfpool' : `node ${relative(directory, script)}`
}

/** What a command does about an output that fails. */
export interface OutputFaults {
  /** The reader has closed the pipe, as `head` does. */
  readonly onReaderGone: () => void
  /** The text cannot be written: the disk is full, the terminal is gone. */
  readonly onFailure: (error: NodeJS.ErrnoException) => void
}

/** A terminal with an unknown width is taken for one of this width. */
const usualColumns = 80
/** Nothing readable fits in less, so a narrower terminal wraps. */
const fewestColumns = 20

/** Returns a width to lay text out for, whatever the terminal says: some say 0, or nothing. */
export function saneColumns(columns: number | undefined): number {
  if (columns === undefined || !(columns > 0)) return usualColumns
  return Math.max(Math.floor(Math.min(columns, 10_000)), fewestColumns)
}

/** Wraps a stream of the process as an output. */
export function outputOver(
  stream: NodeJS.WriteStream & { readonly fd: number },
  { onReaderGone, onFailure }: OutputFaults,
): Output {
  let lines: LineBuffer | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (lines !== undefined) return
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') onReaderGone()
    else onFailure(error)
  })
  return {
    stream,
    isTTY: stream.isTTY === true,
    columns: () => (stream.isTTY === true ? saneColumns(stream.columns) : undefined),
    write: (text) => {
      if (lines === undefined) stream.write(text)
      else lines.write(text, true)
    },
    writeSoon: (text) => {
      if (lines === undefined) stream.write(text)
      else lines.write(text)
    },
    drained: () => lines?.drained() ?? new Promise((resolve) => stream.write('', () => resolve())),
    endure: async (report = lostMessages) => {
      // A console of Windows takes text from its stream only. It neither fills up nor leaves.
      if (stream.isTTY === true && process.platform === 'win32') return
      const { LineBuffer } = await import('@sfpool/gateway')
      lines ??= new LineBuffer(stream.fd, Date.now, { report })
    },
  }
}

function lostMessages(lost: number, code: string): string {
  const reason = code === 'EPIPE' ? 'the reader left' : fileFailure(Object.assign(new Error(code), { code }))
  return `${lost} ${lost === 1 ? 'message was' : 'messages were'} lost: ${reason}\n`
}
