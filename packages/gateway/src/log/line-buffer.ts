import { write as writeFile, writeSync } from 'node:fs'

/** Lines are gathered until there are this many bytes, or until `lingerMs` is over. */
const enoughBytes = 32 * 1024
const lingerMs = 200
/** Bytes held at most for a reader that has stopped reading. Further lines are dropped and counted. */
const limitBytes = 16 * 1024 * 1024

/**
 * Gathers lines and writes many at once. Each line is encoded once, into the bytes that the system gets: joining lines
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
  #dropped = 0
  #waiting: (() => void)[] = []

  constructor(fd: number, now: () => number) {
    this.#fd = fd
    this.#now = now
    process.on('exit', this.#flushAtExit)
  }

  write(line: string): void {
    // A UTF-16 unit becomes at most three bytes of UTF-8.
    const maxBytes = line.length * 3
    if (this.#used + maxBytes > this.#filling.length && !this.#grow(maxBytes)) {
      this.#dropped++
      return
    }
    this.#used += this.#filling.write(line, this.#used)
    if (this.#used >= enoughBytes) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), lingerMs).unref()
  }

  /** Resolves when all lines given so far are written, or cannot be written. */
  close(): Promise<void> {
    process.off('exit', this.#flushAtExit)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#flush()
    })
  }

  #flush(): void {
    if (this.#isWriting) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#used === 0) {
      for (const resolve of this.#waiting.splice(0)) resolve()
      return
    }
    const full = this.#filling.subarray(0, this.#used)
    this.#filling = this.#spare ?? Buffer.allocUnsafe(2 * enoughBytes)
    this.#spare = null
    this.#used = 0
    this.#isWriting = true
    this.#send(full)
  }

  #send(bytes: Buffer): void {
    writeFile(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(() => this.#send(bytes), 20)
      else if (error === null && written < bytes.length) this.#send(bytes.subarray(written))
      else this.#sent(bytes)
    })
  }

  #sent(bytes: Buffer): void {
    this.#isWriting = false
    // Only now is there room for the line that reports them.
    if (this.#dropped > 0) this.#reportDropped()
    if (bytes.buffer.byteLength === 2 * enoughBytes) this.#spare = Buffer.from(bytes.buffer)
    if (this.#used >= enoughBytes || this.#waiting.length > 0) this.#flush()
  }

  #reportDropped(): void {
    const dropped = this.#dropped
    this.#dropped = 0
    const report = { level: 40, time: this.#now(), dropped, msg: 'log lines lost: nobody reads them' }
    this.write(`${JSON.stringify(report)}\n`)
    // The buffer is full again and the report was dropped, too. The count is kept for the next one.
    if (this.#dropped > 0) this.#dropped = dropped
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
      if (this.#used > 0) writeSync(this.#fd, this.#filling, 0, this.#used)
    } catch {
      // The process is ending: there is nowhere left to report this.
    }
  }
}
