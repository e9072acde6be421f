import { enoughBytes, textEncoding } from './text-encoding.js'

const misread = 'the text is in UTF-16 and was read as another encoding; save the file as UTF-8'
const tooWide = 'the text is in UTF-32; save the file as UTF-8'

/** Stands for a decoder that no platform has. */
const nothing = { decode: () => '' }

/**
 * Decodes a key text that arrives in pieces: bytes in UTF-8 or UTF-16, or text. Text that was in UTF-16 and was read as
 * UTF-8, with a NUL beside every letter, is decoded again. Bytes that cannot be read become U+FFFD.
 */
export class KeyTextDecoder {
  #held: Uint8Array = new Uint8Array(0)
  #decoder: Pick<TextDecoder, 'decode'> | null = null
  /** How pieces of text are treated; null until the first. */
  #text: 'plain' | 'encoded again' | 'without NULs' | null = null
  #fault: string | null = null

  push(piece: string | Uint8Array): string {
    return typeof piece === 'string' ? this.#pushText(piece) : this.#pushBytes(piece)
  }

  /** Gives the end of the text. */
  finish(): string {
    return this.#decode(this.#held, true)
  }

  /** Gives a reason why the whole text could not be read, once. */
  takeFault(): string | null {
    const fault = this.#fault
    this.#fault = null
    return fault
  }

  #pushText(piece: string): string {
    if (this.#text === null && piece !== '')
      this.#text = piece.slice(0, 64).includes('\0') ? 'encoded again' : 'plain'
    if (this.#text === 'plain' || piece === '') return piece
    // The byte order mark is damaged, or it was read as one.
    const text = this.#decoder === null ? piece.replace(/^[\ufffd\ufeff]+/, '') : piece
    if (this.#text === 'encoded again' && text.includes('\ufffd')) {
      this.#text = 'without NULs'
      this.#fault = misread
    }
    return this.#text === 'without NULs'
      ? text.replaceAll('\0', '')
      : this.#pushBytes(new TextEncoder().encode(text))
  }

  #pushBytes(piece: Uint8Array): string {
    if (this.#decoder !== null) return this.#decode(piece, false)
    const bytes = this.#held.length === 0 ? piece : joined(this.#held, piece)
    this.#held = bytes.length < enoughBytes ? bytes : new Uint8Array(0)
    return bytes.length < enoughBytes ? '' : this.#decode(bytes, false)
  }

  #decode(bytes: Uint8Array, isLast: boolean): string {
    if (this.#decoder === null) {
      const encoding = textEncoding(bytes)
      if (encoding === 'utf-32') this.#fault = tooWide
      this.#decoder = encoding === 'utf-32' ? nothing : new TextDecoder(encoding)
    }
    return this.#decoder.decode(bytes, { stream: !isLast })
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
