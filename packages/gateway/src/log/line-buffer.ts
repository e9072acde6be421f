import { write as writeFile, writeSync } from 'node:fs'

/** Lines wait for company until this many bytes are there, or `lingerMs` is over. */
const enoughBytes = 32 * 1024
const lingerMs = 200
/** Lines that a reader who stopped reading may keep us holding; above it they are dropped and counted. */
const limitBytes = 16 * 1024 * 1024

/**
 * Gathers lines and writes them in one go. A line is encoded once, into the very bytes the system gets: joining lines
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
    const most = line.length * 3
    if (this.#used + most > this.#filling.length && !this.#grow(most)) {
      this.#dropped++
      return
    }
    this.#used += this.#filling.write(line, this.#used)
    if (this.#used >= enoughBytes) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), lingerMs).unref()
  }

  /** Resolves when everything given so far is written, or cannot be. */
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
    // Only now is there room to say so.
    if (this.#dropped > 0) this.#noteDropped()
    if (bytes.buffer.byteLength === 2 * enoughBytes) this.#spare = Buffer.from(bytes.buffer)
    if (this.#used >= enoughBytes || this.#waiting.length > 0) this.#flush()
  }

  #noteDropped(): void {
    const dropped = this.#dropped
    this.#dropped = 0
    const note = { level: 40, time: this.#now(), dropped, msg: 'log lines lost: nobody reads them' }
    this.write(`${JSON.stringify(note)}\n`)
    // Full again already: the note itself was lost, not the count.
    if (this.#dropped > 0) this.#dropped = dropped
  }

  #grow(most: number): boolean {
    const size = Math.max(this.#filling.length * 2, this.#used + most)
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
      // Nobody is left to be told.
    }
  }
}
