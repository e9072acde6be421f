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

/** What takes the bytes: calls back with an error, or with how many were written. */
export interface LineTarget {
  write(
    bytes: Buffer,
    from: number,
    done: (error: NodeJS.ErrnoException | null, written: number) => void,
  ): void
  /** Writes at once, as the process ends. */
  writeNow(bytes: Uint8Array): void
}

export interface LineBufferOptions {
  /** Bytes held at most for a reader that has stopped reading. @default 16 MiB */
  readonly limitBytes?: number
  /** The line that reports lost ones, with its end. @default a line of JSON */
  readonly report?: (lost: number, reason: string) => string
}

/**
 * Gathers lines and writes many at once. It never throws and never stops: lines that cannot be written, because the disk
 * is full or the reader has left, are counted, and the next write that succeeds begins with their number.
 *
 * Each line is encoded once, into the bytes that the system gets: joining lines
 * as strings first, as pino's own destination does, costs more than making them.
 */
export class LineBuffer {
  readonly #target: LineTarget
  readonly #limitBytes: number
  readonly #describeLost: (lost: number, reason: string) => string
  #filling: Buffer = Buffer.allocUnsafe(2 * enoughBytes)
  #used = 0
  #spare: Buffer | null = Buffer.allocUnsafe(2 * enoughBytes)
  #timer: NodeJS.Timeout | null = null
  #isWriting = false
  /** Whether somebody waits for a line that came while others were being written. */
  #isUrgent = false
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
  /** Called when the write that is on its way has come back. */
  #onReturn: (() => void) | null = null

  constructor(target: number | LineTarget, now: () => number, options: LineBufferOptions = {}) {
    this.#target = typeof target === 'number' ? descriptor(target) : target
    this.#limitBytes = options.limitBytes ?? limitBytes
    this.#describeLost = options.report ?? ((lost, reason) => jsonReport(lost, reason, now()))
    process.on('exit', this.#flushAtExit)
  }

  /** `isUrgent`: somebody waits for it, so it is not kept for a moment to be written with others. */
  write(line: string, isUrgent = false): void {
    this.#hasGivenUp = false
    // A UTF-16 unit becomes at most three bytes of UTF-8.
    const maxBytes = line.length * 3
    if (this.#used + maxBytes > this.#filling.length && !this.#grow(maxBytes)) {
      this.#lost++
      this.#reason = unread
      return
    }
    this.#used += this.#filling.write(line, this.#used)
    this.#isUrgent ||= isUrgent
    if (isUrgent || this.#used >= enoughBytes) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), lingerMs).unref()
  }

  /**
   * Resolves when all lines given so far are written or lost, at the latest after a second. Nothing is written after
   * that, until further lines are given.
   */
  close(): Promise<void> {
    process.off('exit', this.#flushAtExit)
    return this.drained()
  }

  /** The same, and more lines may come. */
  drained(): Promise<void> {
    this.#isFailing = false
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#giveUp(resolve), patienceMs)
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
    this.#isUrgent = false
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
    this.#target.write(bytes, from, (error, written) => {
      if (error?.code === 'EAGAIN') this.#sendLater(batch)
      else if (error !== null) this.#failed(batch, error.code ?? error.message)
      else if (from + written < bytes.length) this.#sendRest({ ...batch, from: from + written })
      else this.#sent(batch)
      this.#onReturn?.()
    })
  }

  #sendRest(batch: Batch): void {
    if (this.#hasGivenUp) this.#failed(batch, unread)
    else this.#send(batch)
  }

  #sendLater(batch: Batch): void {
    if (this.#hasGivenUp) return this.#failed(batch, unread)
    const again = (): void => {
      this.#retry = null
      this.#send(batch)
    }
    this.#retry = { timer: setTimeout(again, retryMs).unref(), batch }
  }

  /** Stops writing, and calls back when nothing is on its way any more; a write that hangs is not waited for. */
  #giveUp(done: () => void): void {
    this.#hasGivenUp = true
    if (this.#retry !== null) {
      const { timer, batch } = this.#retry
      clearTimeout(timer)
      this.#retry = null
      this.#failed(batch, unread)
      return done()
    }
    if (!this.#isWriting) return done()
    const finish = (): void => {
      clearTimeout(timer)
      this.#onReturn = null
      done()
    }
    const timer = setTimeout(finish, patienceMs)
    this.#onReturn = finish
  }

  /** Gives up the lines that were to follow, too. */
  #dropRest(): void {
    this.#lost += linesIn(this.#filling.subarray(0, this.#used))
    this.#used = 0
    this.#isUrgent = false
    for (const resolve of this.#waiting.splice(0)) resolve()
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
    if (this.#hasGivenUp) this.#dropRest()
    else if (this.#used >= enoughBytes || this.#isUrgent || this.#waiting.length > 0) this.#flush()
  }

  #report(): string {
    return `${this.#isMidLine ? '\n' : ''}${this.#describeLost(this.#lost, this.#reason)}`
  }

  #grow(maxBytes: number): boolean {
    const size = Math.max(this.#filling.length * 2, this.#used + maxBytes)
    if (size > this.#limitBytes) return false
    const grown = Buffer.allocUnsafe(size)
    this.#filling.copy(grown, 0, 0, this.#used)
    this.#filling = grown
    return true
  }

  readonly #flushAtExit = (): void => {
    try {
      if (this.#lost > 0) this.#target.writeNow(Buffer.from(this.#report()))
      if (this.#used > 0) this.#target.writeNow(this.#filling.subarray(0, this.#used))
    } catch {
      // The process is ending: there is nowhere left to report this.
    }
  }
}

function descriptor(fd: number): LineTarget {
  return {
    write: (bytes, from, done) => writeFile(fd, bytes, from, bytes.length - from, null, done),
    writeNow: (bytes) => void writeSync(fd, bytes),
  }
}

function jsonReport(lost: number, reason: string, time: number): string {
  const msg = `${lost} log ${lost === 1 ? 'line was' : 'lines were'} lost`
  return `${JSON.stringify({ level: 40, time, dropped: lost, reason, msg })}\n`
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
