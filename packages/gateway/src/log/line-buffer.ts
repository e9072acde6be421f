import { write as writeFile, writeSync } from 'node:fs'

/** Lines are gathered until there are this many bytes, or until `lingerMs` is over. */
const enoughBytes = 32 * 1024
const lingerMs = 200
/** Bytes held at most for a reader that has stopped reading. Further lines are dropped and counted. */
const limitBytes = 16 * 1024 * 1024
/** A reader that is busy is tried again after this time. */
const retryMs = 20
/** How long `close` waits for a reader that does not read. */
const patienceMs = 1000
const lineEnd = 0x0a
/** Why lines are lost that a reader does not take. */
const unread = 'nobody reads them'

/**
 * Gathers lines and writes many at once. It never throws and never stops: lines that cannot be written, because the disk
 * is full or the reader has left, are counted, and the next write that succeeds begins with their number.
 *
 * Each line is encoded once, into the bytes that the system gets: joining lines
 * as strings first, as pino's own destination does, costs more than making them.
 */
export class LineBuffer {
  readonly #fd: number
  readonly #now: () => number
  #filling: Buffer = Buffer.allocUnsafe(2 * enoughBytes)
  #used = 0
  #spare: Buffer | null = Buffer.allocUnsafe(2 * enoughBytes)
  #timer: NodeJS.Timeout | null = null
  #isWriting = false
  #lost = 0
  /** Why the last line was lost. */
  #reason = ''
  /** Whether the last write failed, so that a report alone is not worth another. */
  #isFailing = false
  /** Whether the last write ended within a line, which the next one must not continue. */
  #isMidLine = false
  #waiting: (() => void)[] = []
  /** What a busy reader is to be offered again. */
  #retry: { readonly timer: NodeJS.Timeout; readonly batch: Batch } | null = null
  /** Whether `close` has given up on a busy reader. Its descriptor may be closed by now, and be that of another file. */
  #hasGivenUp = false

  constructor(fd: number, now: () => number) {
    this.#fd = fd
    this.#now = now
    process.on('exit', this.#flushAtExit)
  }

  write(line: string): void {
    this.#hasGivenUp = false
    // A UTF-16 unit becomes at most three bytes of UTF-8.
    const maxBytes = line.length * 3
    if (this.#used + maxBytes > this.#filling.length && !this.#grow(maxBytes)) {
      this.#lost++
      this.#reason = unread
      return
    }
    this.#used += this.#filling.write(line, this.#used)
    if (this.#used >= enoughBytes) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), lingerMs).unref()
  }

  /**
   * Resolves when all lines given so far are written or lost, at the latest after a second. Nothing is written after
   * that, until further lines are given.
   */
  close(): Promise<void> {
    process.off('exit', this.#flushAtExit)
    this.#isFailing = false
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#giveUp()
        resolve()
      }, patienceMs)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve()
      })
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#isWriting) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#used === 0 && (this.#lost === 0 || this.#isFailing || this.#waiting.length === 0)) {
      for (const resolve of this.#waiting.splice(0)) resolve()
      return
    }
    const lines = this.#filling.subarray(0, this.#used)
    this.#filling = this.#spare ?? Buffer.allocUnsafe(2 * enoughBytes)
    this.#spare = null
    this.#used = 0
    this.#isWriting = true
    if (this.#lost === 0) this.#send({ bytes: lines, from: 0, reportEnd: 0, reported: 0 })
    else {
      const report = Buffer.from(this.#report())
      const bytes = Buffer.concat([report, lines])
      this.#send({ bytes, from: 0, reportEnd: report.length, reported: this.#lost })
    }
  }

  #send(batch: Batch): void {
    const { bytes, from } = batch
    writeFile(this.#fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error?.code === 'EAGAIN') this.#sendLater(batch)
      else if (error !== null) this.#failed(batch, error.code ?? error.message)
      else if (from + written < bytes.length) this.#send({ ...batch, from: from + written })
      else this.#sent(batch)
    })
  }

  #sendLater(batch: Batch): void {
    if (this.#hasGivenUp) return this.#failed(batch, unread)
    const again = (): void => {
      this.#retry = null
      this.#send(batch)
    }
    this.#retry = { timer: setTimeout(again, retryMs).unref(), batch }
  }

  #giveUp(): void {
    this.#hasGivenUp = true
    if (this.#retry === null) return
    const { timer, batch } = this.#retry
    clearTimeout(timer)
    this.#retry = null
    this.#failed(batch, unread)
  }

  #sent({ bytes, reported }: Batch): void {
    this.#isWriting = false
    this.#isFailing = false
    this.#isMidLine = false
    this.#lost -= reported
    this.#goOn(bytes)
  }

  #failed({ bytes, from, reportEnd, reported }: Batch, reason: string): void {
    this.#isWriting = false
    this.#isFailing = true
    if (from > 0) this.#isMidLine = bytes[from - 1] !== lineEnd
    if (from >= reportEnd) this.#lost -= reported
    this.#lost += linesIn(bytes.subarray(Math.max(from, reportEnd)))
    this.#reason = reason
    this.#goOn(bytes)
  }

  #goOn(bytes: Buffer): void {
    if (bytes.buffer.byteLength === 2 * enoughBytes) this.#spare = Buffer.from(bytes.buffer)
    if (this.#used >= enoughBytes || this.#waiting.length > 0) this.#flush()
  }

  #report(): string {
    const lost = this.#lost
    const msg = `${lost} log ${lost === 1 ? 'line was' : 'lines were'} lost`
    const report = { level: 40, time: this.#now(), dropped: lost, reason: this.#reason, msg }
    return `${this.#isMidLine ? '\n' : ''}${JSON.stringify(report)}\n`
  }

  #grow(maxBytes: number): boolean {
    const size = Math.max(this.#filling.length * 2, this.#used + maxBytes)
    if (size > limitBytes) return false
    const grown = Buffer.allocUnsafe(size)
    this.#filling.copy(grown, 0, 0, this.#used)
    this.#filling = grown
    return true
  }

  readonly #flushAtExit = (): void => {
    try {
      if (this.#lost > 0) writeSync(this.#fd, this.#report())
      if (this.#used > 0) writeSync(this.#fd, this.#filling, 0, this.#used)
    } catch {
      // The process is ending: there is nowhere left to report this.
    }
  }
}

/** Lines on their way to the system, after a report of lost ones if there were any. */
interface Batch {
  readonly bytes: Buffer
  /** How many bytes are written already. */
  readonly from: number
  /** Where the report ends, and the number that it reports. */
  readonly reportEnd: number
  readonly reported: number
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0
  for (const byte of bytes) if (byte === lineEnd) lines++
  return lines
}
