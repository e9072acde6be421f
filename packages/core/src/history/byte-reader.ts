/** Reads what a `ByteWriter` wrote. Throws a `RangeError` for bytes that end too soon. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  number(): number {
    let value = 0
    let unit = 1
    for (;;) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('the history is cut off')
      if (byte < 0x80) return value + byte * unit
      value += (byte - 0x80) * unit
      unit *= 0x80
    }
  }

  /** Whether the next number is 0; if so, passes over it. */
  takesZero(): boolean {
    if (this.#bytes[this.#at] !== 0) return false
    this.#at++
    return true
  }

  /** Passes over the length of a part, which can then be read. */
  part(): this {
    this.number()
    return this
  }

  /** Passes over a part. */
  skipPart(): void {
    const end = this.number() + this.#at
    if (end > this.#bytes.length) throw new RangeError('the history is cut off')
    this.#at = end
  }

  text(): string {
    const length = this.number()
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('the history is cut off')
    const bytes = this.#bytes.subarray(this.#at, end)
    const text = asciiOf(bytes) ?? decoder.decode(bytes)
    this.#at = end
    return text
  }
}

const decoder = new TextDecoder()

/** Most names are plain and short; the decoder takes ten times as long for them. Null for others. */
function asciiOf(bytes: Uint8Array): string | null {
  if (bytes.length > 64) return null
  let text = ''
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x80) return null
    text += String.fromCharCode(byte)
  }
  return text
}
