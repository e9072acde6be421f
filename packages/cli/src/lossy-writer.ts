import { write as writeToSystem } from 'node:fs'
import { fileFailure } from './input/file-failure.js'

/** Bytes held at most for a reader that has stopped reading. Further messages are dropped and counted. */
const limitBytes = 1024 * 1024
/** A reader that is busy is tried again after this time. */
const retryMs = 100
/** How long `drained` waits for a reader that does not read. */
const patienceMs = 1_000
const lineEnd = 0x0a

/** The system's write: passes the bytes on from a position, and calls back with an error or the number written. */
export type SystemWrite = (
  bytes: Buffer,
  from: number,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void

/** Writes to a descriptor of this process. */
export function writeTo(fd: number): SystemWrite {
  return (bytes, from, done) => writeToSystem(fd, bytes, from, bytes.length - from, null, done)
}

/**
 * Writes the messages of a server. It never throws, never blocks and holds little: messages that cannot be written,
 * because the disk is full or the reader has left or stopped reading, are dropped and counted, and the next write that
 * succeeds begins with their number.
 */
export class LossyWriter {
  readonly #write: SystemWrite
  #messages: Buffer[] = []
  #heldBytes = 0
  #isWriting = false
  #lost = 0
  /** Why the last message was lost. */
  #reason = ''
  /** Whether the last write ended within a line, which the next one must not continue. */
  #isMidLine = false
  #waiting: (() => void)[] = []

  constructor(write: SystemWrite) {
    this.#write = write
  }

  write(text: string): void {
    const message = Buffer.from(text)
    if (message.length === 0) return
    if (this.#heldBytes + message.length > limitBytes) this.#lose('nobody reads them')
    else {
      this.#heldBytes += message.length
      this.#messages.push(message)
      this.#next()
    }
  }

  /** Resolves when all messages so far are written or lost, at the latest after a second. */
  drained(): Promise<void> {
    if (!this.#isWriting) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #lose(reason: string): void {
    this.#lost++
    this.#reason = reason
  }

  #next(): void {
    if (this.#isWriting) return
    const message = this.#messages.shift()
    if (message === undefined) {
      for (const resolve of this.#waiting.splice(0)) resolve()
      return
    }
    this.#heldBytes -= message.length
    this.#isWriting = true
    const report = Buffer.from(this.#report())
    const bytes = report.length === 0 ? message : Buffer.concat([report, message])
    this.#send({ bytes, reportEnd: report.length, reported: this.#lost }, 0)
  }

  #send(batch: Batch, from: number): void {
    const { bytes } = batch
    this.#write(bytes, from, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#send(batch, from), retryMs).unref()
      else if (error !== null) this.#failed(batch, from, error)
      else if (from + written < bytes.length) this.#send(batch, from + written)
      else this.#sent(batch)
    })
  }

  #sent({ reported }: Batch): void {
    this.#lost -= reported
    this.#isMidLine = false
    this.#isWriting = false
    this.#next()
  }

  #failed({ bytes, reportEnd, reported }: Batch, from: number, error: NodeJS.ErrnoException): void {
    if (from > 0) this.#isMidLine = bytes[from - 1] !== lineEnd
    if (from >= reportEnd) this.#lost -= reported
    this.#lose(error.code === 'EPIPE' ? 'the reader left' : fileFailure(error))
    this.#isWriting = false
    this.#next()
  }

  #report(): string {
    const start = this.#isMidLine ? '\n' : ''
    if (this.#lost === 0) return start
    return `${start}${this.#lost} ${this.#lost === 1 ? 'message was' : 'messages were'} lost: ${this.#reason}\n`
  }
}

/** A message on its way to the system, after a report of lost ones if there were any. */
interface Batch {
  readonly bytes: Buffer
  /** Where the report ends, and the number that it reports. */
  readonly reportEnd: number
  readonly reported: number
}
