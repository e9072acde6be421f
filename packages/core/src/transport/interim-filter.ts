import type { Socket } from 'node:net'

/** The most bytes of interim answers that are read past before one final answer. */
const limit = 64 * 1024

const [zero, one, cr, lf] = [0x30, 0x31, 0x0d, 0x0a]
const start = Buffer.from('HTTP/1.')
/** `HTTP/1.1 100`: as far as the status. */
const statusEnd = 12
const nothing = Buffer.alloc(0)

/**
 * Reads past interim answers (RFC 9110, 15.2): a client must take `100 Continue`, 102 and 103 although it asked for
 * none of them, several in a row too. undici breaks the connection at a 100. While a final answer is awaited, what the
 * socket gives is looked at; behind its first bytes each piece costs one comparison.
 */
export class InterimFilter {
  #isAwaiting = false
  /** The beginning of a head that is not whole yet. */
  #held: Buffer = nothing
  #dropped = 0

  /** A request is about to be written, so the next bytes begin an answer. */
  expectAnswer(): void {
    this.#isAwaiting = true
    this.#held = nothing
    this.#dropped = 0
  }

  /** Whether something has come of an answer, and nothing of a final one. */
  get isInterimAlone(): boolean {
    return this.#isAwaiting && this.#dropped > 0
  }

  attach(socket: Socket): void {
    const read = socket.read.bind(socket)
    socket.read = (size?: number) => {
      const chunk: Buffer | null = read(size)
      return this.#isAwaiting && chunk !== null ? this.#behindInterim(chunk, read) : chunk
    }
  }

  #behindInterim(first: Buffer, read: () => Buffer | null): Buffer | null {
    for (let chunk: Buffer | null = first; chunk !== null; chunk = read()) {
      const rest = this.#take(chunk)
      if (rest !== null) return rest
    }
    return null
  }

  /** The bytes from the final answer on; null as long as it has not begun. */
  #take(chunk: Buffer): Buffer | null {
    let bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    while (bytes.length > 0) {
      const kind = kindOf(bytes)
      const end = kind === 'interim' ? endOfHead(bytes) : -1
      if (kind === 'final' || this.#dropped + bytes.length > limit) return this.#pass(bytes)
      if (end === -1) break
      this.#dropped += end
      bytes = bytes.subarray(end)
    }
    this.#held = bytes
    return null
  }

  #pass(bytes: Buffer): Buffer {
    this.#isAwaiting = false
    this.#held = nothing
    return bytes
  }
}

/** What the bytes begin. 101 switches protocols, which nobody asked for: it is for undici to refuse. */
function kindOf(bytes: Buffer): 'interim' | 'final' | 'unknown' {
  let at = 0
  while (bytes[at] === cr || bytes[at] === lf) at++
  const known = Math.min(bytes.length - at, start.length)
  if (bytes.compare(start, 0, known, at, at + known) !== 0) return 'final'
  if (bytes.length - at < statusEnd) return 'unknown'
  const isInterim = bytes[at + 9] === one && !(bytes[at + 10] === zero && bytes[at + 11] === one)
  return isInterim ? 'interim' : 'final'
}

/** The index behind the blank line that ends a head; -1 while it is missing. */
function endOfHead(bytes: Buffer): number {
  for (let at = bytes.indexOf(lf, statusEnd); at !== -1; at = bytes.indexOf(lf, at + 1)) {
    if (bytes[at + 1] === lf) return at + 2
    if (bytes[at + 1] === cr && bytes[at + 2] === lf) return at + 3
  }
  return -1
}
