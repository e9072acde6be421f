import { KeyPoolError } from '../../errors.js'
import type { Sink } from './sink.js'

/**
 * Passes an answer on and counts it for the log. A sink that cannot take a head, because a framework has answered
 * already or the upstream's headers are invalid, is treated like a client that left.
 */
export class CountingSink implements Sink {
  readonly #sink: Sink
  readonly #onBroken: () => void
  status = 0
  bytes = 0

  constructor(sink: Sink, onBroken: () => void) {
    this.#sink = sink
    this.#onBroken = onBroken
  }

  attach(): void {
    throw new Error('a counting sink is attached by its owner')
  }

  head(status: number, headers: readonly string[]): void {
    this.status = status
    try {
      this.#sink.head(status, headers)
    } catch (error) {
      this.#sink.fail(
        new KeyPoolError('stream_interrupted', 'The answer could not be passed on', { cause: error }),
      )
      this.#onBroken()
    }
  }

  data(chunk: Uint8Array): boolean {
    this.bytes += chunk.length
    return this.#sink.data(chunk)
  }

  end(chunk?: Uint8Array): void {
    this.bytes += chunk?.length ?? 0
    this.#sink.end(chunk)
  }

  fail(error: KeyPoolError): void {
    this.#sink.fail(error)
  }
}
