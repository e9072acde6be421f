const lf = 0x0a
const cr = 0x0d

/** An event longer than this is passed on in pieces rather than held until it is whole. */
const maxHeldBytes = 256 * 1024

const nothing = Buffer.alloc(0)

/**
 * Cuts a byte stream after its last whole event, so that what goes to the client always ends between two events:
 * an error event of ours can follow at any moment without being glued to half a line. No byte is changed or lost.
 */
export class EventCutter {
  #rest: Buffer = nothing

  /** The bytes that may go on now: possibly none. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const cut = endOfLastEvent(bytes)
    if (cut === bytes.length || bytes.length - cut > maxHeldBytes) {
      this.#rest = nothing
      return bytes
    }
    this.#rest = bytes.subarray(cut)
    return cut === 0 ? nothing : bytes.subarray(0, cut)
  }

  /** What is left when the stream ends: the beginning of an event that never ended. */
  flush(): Buffer {
    const rest = this.#rest
    this.#rest = nothing
    return rest
  }
}

/** The index after the last blank line, whichever of LF, CRLF and CR ends the lines; 0 when there is none. */
export function endOfLastEvent(bytes: Buffer): number {
  // Nearly always a chunk is one or more whole events, ended with line feeds.
  const { length } = bytes
  if (length > 1 && bytes[length - 1] === lf && bytes[length - 2] === lf) return length
  for (let at = bytes.lastIndexOf(lf); at > 0; at = bytes.lastIndexOf(lf, at - 1)) {
    const before = bytes[at - 1]
    if (before === lf || (before === cr && bytes[at - 2] === lf)) return at + 1
  }
  return bytes.includes(lf) ? 0 : bytes.lastIndexOf('\r\r') + (bytes.lastIndexOf('\r\r') === -1 ? 1 : 2)
}
