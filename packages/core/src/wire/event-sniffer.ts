/** How the first line of a stream of server-sent events may begin. */
const beginnings: readonly string[] = [':', 'data:', 'event:', 'id:', 'retry:']

const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

/** A byte of a byte order mark. */
const isOfMark = (byte: number): boolean => byte === 0xef || byte === 0xbb || byte === 0xbf

/** Recognises a stream of server-sent events by its first bytes, however they are cut. */
export class EventSniffer {
  #begun = ''

  /** Takes the next bytes; null while it is open what they are. */
  push(bytes: Uint8Array): boolean | null {
    for (const byte of bytes) {
      if (this.#begun === '' && (isSpace(byte) || isOfMark(byte))) continue
      this.#begun += String.fromCharCode(byte)
      if (beginnings.includes(this.#begun)) return true
      if (!beginnings.some((beginning) => beginning.startsWith(this.#begun))) return false
    }
    return null
  }
}
