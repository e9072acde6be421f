import type { TransportHandler } from '../transport/transport.js'

/** Notes what a transport reports, in order. */
export class RecordingHandler implements TransportHandler {
  /** `sent`, `head 200`, `data`, `end`, `error`; pieces of data in a row count once. */
  readonly calls: string[] = []
  readonly chunks: Buffer[] = []
  status = 0
  headers: readonly string[] = []
  error: Error | null = null
  /** Resolves after `onEnd` and after `onError`. */
  readonly over: Promise<void>
  /** Called after each method, with its name. */
  onCall: (name: string) => void = () => {}
  #resolve: () => void = () => {}

  constructor() {
    this.over = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks)
  }

  get text(): string {
    return this.body.toString()
  }

  get size(): number {
    return this.chunks.reduce((sum, { length }) => sum + length, 0)
  }

  onSent(): void {
    this.#note('sent')
  }

  onHead(status: number, headers: string[]): void {
    this.status = status
    this.headers = headers
    this.#note(`head ${status}`)
  }

  onData(chunk: Uint8Array): void {
    this.chunks.push(chunk as Buffer)
    this.#note('data')
  }

  onEnd(): void {
    this.#note('end')
    this.#resolve()
  }

  onError(error: Error): void {
    this.error = error
    this.#note('error')
    this.#resolve()
  }

  #note(name: string): void {
    if (name !== 'data' || this.calls.at(-1) !== 'data') this.calls.push(name)
    this.onCall(name)
  }
}
