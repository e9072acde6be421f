import type { KeyPoolError } from '../errors.js'
import type { Lease } from '../lease.js'
import type { Runtime, Timer } from '../runtime.js'
import type { Attempt, AttemptResult } from './attempt.js'
import type { Flow, Sink } from './client/sink.js'

export interface RaceParts {
  readonly sink: Sink
  readonly runtime: Runtime
  /** How long the first attempt has to itself. */
  readonly delayMs: number
  /** The right to a second attempt, on another account; null when there is none to spare. */
  readonly second: () => Lease | null
  readonly begin: (lease: Lease, sink: Sink) => Attempt
  /** Told of each attempt as it ends. */
  readonly end: (lease: Lease, result: AttemptResult) => void
}

/**
 * Two attempts of one request, of which the first with output serves the client while the other is broken off. The
 * second begins when the first has kept the client waiting for longer than usual; a first that fails before that is
 * the failover's.
 */
export class Race implements Flow {
  readonly #parts: RaceParts
  readonly #lanes: Lane[] = []
  #winner: Lane | null = null
  #timer: Timer | undefined
  #resolve: () => void = () => {}

  constructor(parts: RaceParts) {
    this.#parts = parts
  }

  /** The leases of the attempts that have not ended. */
  get running(): readonly Lease[] {
    return this.#lanes.filter(({ isOver }) => !isOver).map(({ lease }) => lease)
  }

  /** Resolves when every attempt has ended. */
  run(first: Lease): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#timer = this.#parts.runtime.setTimer(() => this.#hedge(), this.#parts.delayMs)
      this.#start(first)
    })
  }

  resume(): void {
    this.#winner?.attempt?.resume()
  }

  abort(): void {
    for (const { attempt } of this.#lanes) attempt?.abort()
  }

  /** A lane has output: it is the client's from now on. */
  claim(lane: Lane): void {
    this.#winner = lane
    this.#stopTimer()
    for (const other of this.#lanes) if (other !== lane) other.attempt?.abort()
  }

  #hedge(): void {
    this.#timer = undefined
    const lease = this.#parts.second()
    if (lease !== null) this.#start(lease)
  }

  #start(lease: Lease): void {
    const lane = new Lane(this, this.#parts.sink, lease)
    this.#lanes.push(lane)
    lane.attempt = this.#parts.begin(lease, lane)
    void lane.attempt.run().then((result) => this.#onEnd(lane, result))
  }

  #onEnd(lane: Lane, result: AttemptResult): void {
    lane.isOver = true
    this.#parts.end(lane.lease, result)
    if (this.#lanes.some(({ isOver }) => !isOver)) return
    this.#stopTimer()
    this.#resolve()
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#parts.runtime.clearTimer(this.#timer)
    this.#timer = undefined
  }
}

/** One attempt's way to the client, which its first output opens. */
class Lane implements Sink {
  readonly lease: Lease
  attempt: Attempt | null = null
  isOver = false
  readonly #race: Race
  readonly #sink: Sink

  constructor(race: Race, sink: Sink, lease: Lease) {
    this.#race = race
    this.#sink = sink
    this.lease = lease
  }

  attach(): void {
    throw new Error('the sink of a race is attached by its owner')
  }

  head(status: number, headers: readonly string[]): void {
    this.#race.claim(this)
    this.#sink.head(status, headers)
  }

  data(chunk: Uint8Array): boolean {
    return this.#sink.data(chunk)
  }

  end(chunk?: Uint8Array): void {
    this.#sink.end(chunk)
  }

  fail(error: KeyPoolError): void {
    this.#sink.fail(error)
  }
}
