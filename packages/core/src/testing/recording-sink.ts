import type { KeyPoolError } from '../errors.js'
import type { Flow, Sink } from '../relay/client/sink.js'

/** Takes everything, and remembers what came and when. */
export class RecordingSink implements Sink {
  /** `head`, `data`, `end`, `fail`, in order; pieces of data in a row count once. */
  readonly calls: string[] = []
  readonly chunks: Buffer[] = []
  /** When each chunk came, by the clock given. */
  readonly times: number[] = []
  status = 0
  headers: readonly string[] = []
  error: KeyPoolError | null = null
  flow: Flow | null = null
  /** The answer to `data`. */
  wantsMore = true
  readonly #now: () => number

  constructor(now: () => number = () => 0) {
    this.#now = now
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  get text(): string {
    return this.bytes.toString()
  }

  get isOver(): boolean {
    return this.calls.includes('end') || this.calls.includes('fail')
  }

  header(name: string): string | undefined {
    const at = this.headers.findIndex((other, index) => index % 2 === 0 && other === name)
    return at === -1 ? undefined : this.headers[at + 1]
  }

  attach(flow: Flow): void {
    this.flow = flow
  }

  head(status: number, headers: readonly string[]): void {
    this.calls.push('head')
    this.status = status
    this.headers = headers
  }

  data(chunk: Uint8Array): boolean {
    this.#keep(chunk)
    return this.wantsMore
  }

  end(chunk?: Uint8Array): void {
    if (chunk !== undefined && chunk.length > 0) this.#keep(chunk)
    this.calls.push('end')
  }

  fail(error: KeyPoolError): void {
    this.calls.push('fail')
    this.error = error
  }

  #keep(chunk: Uint8Array): void {
    if (this.isOver) throw new Error('data came after the end')
    if (this.calls.at(-1) !== 'data') this.calls.push('data')
    this.chunks.push(Buffer.from(chunk))
    this.times.push(this.#now())
  }
}

/** The engine's side of a sink. */
export class RecordingFlow implements Flow {
  readonly calls: string[] = []

  resume(): void {
    this.calls.push('resume')
  }

  abort(): void {
    this.calls.push('abort')
  }
}
