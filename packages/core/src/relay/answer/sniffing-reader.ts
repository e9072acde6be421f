import type { Usage } from '../../usage/usage.js'
import { EventSniffer } from '../../wire/event-sniffer.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import type { Ending } from './ending.js'
import { holdLimit, type Reader } from './reader.js'

/** The two ways to read an answer whose head does not say that it is a stream. */
export interface SniffingReaders {
  /** Reads the answer as its head has it. */
  readonly labelled: Reader
  /** Creates the reader for a stream of events. */
  readonly asStream: () => Reader
}

/**
 * Reads an answer to a request for a stream whose head says that it is none, or nothing: it is what its first bytes say.
 */
export class SniffingReader implements Reader {
  readonly #readers: SniffingReaders
  readonly #sniffer = new EventSniffer()
  readonly #held = new HeldBytes()
  #reader: Reader
  #isDecided = false

  constructor(readers: SniffingReaders) {
    this.#readers = readers
    this.#reader = readers.labelled
  }

  get headers(): readonly string[] {
    return this.#reader.headers
  }

  get hasEvents(): boolean {
    return this.#reader.hasEvents
  }

  get isAwaitingOutput(): boolean {
    return !this.#isDecided || this.#reader.isAwaitingOutput
  }

  get isWhole(): boolean {
    return this.#reader.isWhole
  }

  get isLooking(): boolean {
    return this.#isDecided && this.#reader.isLooking
  }

  get failure(): Ending | null {
    return this.#reader.failure
  }

  push(chunk: Buffer): Buffer | null {
    if (this.#isDecided) return this.#reader.push(chunk)
    const isStream = this.#sniffer.push(chunk)
    this.#held.add(chunk)
    if (isStream === null && this.#held.size <= holdLimit) return null
    if (isStream === true) this.#reader = this.#readers.asStream()
    return this.#decide()
  }

  end(): Ending {
    if (this.#isDecided) return this.#reader.end()
    const first = this.#decide()
    const ending = this.#reader.end()
    if (first === null || ending.lastBytes === null) return ending
    return { ...ending, lastBytes: Buffer.concat([first, ending.lastBytes]) }
  }

  lookAgain(): void {
    this.#reader.lookAgain()
  }

  usage(): Usage | null {
    return this.#reader.usage()
  }

  #decide(): Buffer | null {
    this.#isDecided = true
    return this.#reader.push(this.#held.take())
  }
}
