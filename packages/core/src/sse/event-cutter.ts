import { HeldBytes } from '../wire/held-bytes.js'

const lf = 0x0a
const cr = 0x0d

/** The longest event that is held until it is whole; a longer one is passed on in pieces. */
const maxHeldBytes = 256 * 1024

const nothing = Buffer.alloc(0)

/** A blank line has four bytes at most, so three of them may lie in the chunk before. */
const seamLength = 3

/**
 * Cuts a byte stream after its last whole event, so that the bytes for the client always end between two events. An
 * error event of the pool can then follow at any moment. No byte is changed or lost.
 */
export class EventCutter {
  /** The beginning of an event; null between events, which is where most chunks end. */
  #held: HeldBytes | null = null
  /** The last of the held bytes, in which a blank line may have begun. */
  #seam: Buffer = nothing

  /** Takes a chunk and gives the bytes that may be passed on now, possibly none. */
  push(chunk: Buffer): Buffer {
    if (this.#held !== null) return this.#pushBehind(this.#held, chunk)
    const cut = endOfLastEvent(chunk)
    if (cut === chunk.length || chunk.length - cut > maxHeldBytes) return chunk
    this.#hold(chunk.subarray(cut))
    return cut === 0 ? nothing : chunk.subarray(0, cut)
  }

  /** Gives what is held when the stream ends: the beginning of an event that never ended. */
  flush(): Buffer {
    const unfinished = this.#held?.take() ?? nothing
    this.#held = null
    this.#seam = nothing
    return unfinished
  }

  /** Searches the new bytes only, so that an event in a thousand pieces is not searched a thousand times. */
  #pushBehind(held: HeldBytes, chunk: Buffer): Buffer {
    const seen = chunk.includes(lf) || chunk.includes(cr) ? Buffer.concat([this.#seam, chunk]) : nothing
    const left = seen.length - endOfLastEvent(seen)
    if (left === seen.length) {
      this.#hold(chunk)
      return held.size > maxHeldBytes ? this.flush() : nothing
    }
    held.add(chunk)
    const bytes = this.flush()
    if (left === 0 || left > maxHeldBytes) return bytes
    this.#hold(bytes.subarray(-left))
    return bytes.subarray(0, -left)
  }

  #hold(bytes: Buffer): void {
    this.#held ??= new HeldBytes()
    this.#held.add(bytes)
    this.#seam = Buffer.concat([this.#seam, bytes.subarray(-seamLength)]).subarray(-seamLength)
  }
}

/** The index behind the last blank line, for lines that end with LF, CRLF or CR; 0 when there is none. */
export function endOfLastEvent(bytes: Buffer): number {
  // The usual chunk is one or more whole events that end with line feeds.
  const { length } = bytes
  if (length > 1 && bytes[length - 1] === lf && bytes[length - 2] === lf) return length
  for (let at = bytes.lastIndexOf(lf); at > 0; at = bytes.lastIndexOf(lf, at - 1)) {
    const before = bytes[at - 1]
    if (before === lf || (before === cr && bytes[at - 2] === lf)) return at + 1
  }
  return bytes.includes(lf) ? 0 : bytes.lastIndexOf('\r\r') + (bytes.lastIndexOf('\r\r') === -1 ? 1 : 2)
}
