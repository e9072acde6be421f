import { KeyTextDecoder } from './key-text-decoder.js'
import { LineCutter } from './line-cutter.js'
import { LineReader } from './line-reader.js'
import type { ParsedKeys } from './parsed-keys.js'

const tooLong = 'the line is too long: its end was not read; put each key on a line'

/** Finds the keys of a text that arrives in pieces. */
export class KeyTextReader {
  readonly #decoder = new KeyTextDecoder()
  readonly #reader = new LineReader()
  readonly #cutter = new LineCutter((text, isCut) => {
    this.#reader.readLine(text, ++this.#line)
    if (isCut) this.#reader.reject(this.#line, tooLong)
  })
  #line = 0

  push(piece: string | Uint8Array): void {
    this.#read(this.#decoder.push(piece))
  }

  /** Gives what was found and not taken before. A key that may still get a balance is kept back. */
  take(): ParsedKeys {
    return this.#reader.take()
  }

  /** Ends the text, and gives everything that was not taken before. */
  finish(): ParsedKeys {
    this.#read(this.#decoder.finish())
    this.#cutter.finish()
    return this.#reader.finish()
  }

  #read(text: string): void {
    const fault = this.#decoder.takeFault()
    if (fault !== null) this.#reader.reject(1, fault)
    this.#cutter.push(text)
  }
}
