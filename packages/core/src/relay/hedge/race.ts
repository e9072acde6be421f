import type { Runtime, Timer } from '../../runtime/runtime.js'
import type { Grant } from '../../selection/grant.js'
import type { Attempt, AttemptResult } from '../attempt/attempt.js'
import type { Flow } from '../client/sink.js'

export interface RaceParts {
  readonly runtime: Runtime
  /** How long the first attempt has to itself. */
  readonly delayMs: number
  /** The right to a second attempt, on another account; null when there is none to spare. */
  readonly second: () => Grant | null
  readonly begin: (grant: Grant, onOutput: () => void) => Attempt
  /**
   * Takes each attempt as it ends, and whether it was broken off for the other's sake; returns whether its result settles
   * the request, whatever others would say.
   */
  readonly end: (grant: Grant, result: AttemptResult, isLost: boolean) => boolean
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

  /** The grants of the attempts that have not ended. */
  get running(): readonly Grant[] {
    return this.#lanes.filter(({ isOver }) => !isOver).map(({ grant }) => grant)
  }

  /** Resolves when every attempt has ended. */
  run(first: Grant): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve
      this.#timer = this.#parts.runtime.setTimer(() => this.#hedge(), this.#parts.delayMs)
      this.#start(first)
    })
  }

  resume(): void {
    this.#winner?.attempt.resume()
  }

  abort(): void {
    for (const { attempt } of this.#lanes) attempt.abort()
  }

  #hedge(): void {
    this.#timer = undefined
    const grant = this.#parts.second()
    if (grant !== null) this.#start(grant)
  }

  #start(grant: Grant): void {
    const { begin } = this.#parts
    const lane: Lane = { grant, attempt: begin(grant, () => this.#claim(lane)), isOver: false, isLost: false }
    this.#lanes.push(lane)
    void lane.attempt.run().then((result) => this.#onEnd(lane, result))
  }

  /** A lane has output, which may be held back until it is whole: it serves the request from now on. */
  #claim(lane: Lane): void {
    this.#winner = lane
    this.#leaveTo(lane)
  }

  #leaveTo(lane: Lane): void {
    this.#stopTimer()
    for (const other of this.#lanes) {
      if (other === lane) continue
      other.isLost = !other.isOver
      other.attempt.abort()
    }
  }

  #onEnd(lane: Lane, result: AttemptResult): void {
    lane.isOver = true
    if (this.#parts.end(lane.grant, result, lane.isLost)) this.#leaveTo(lane)
    if (this.#lanes.some(({ isOver }) => !isOver)) return
    this.#stopTimer()
    this.#resolve()
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#parts.runtime.clearTimer(this.#timer)
    this.#timer = undefined
  }
}

/** One of the attempts. */
interface Lane {
  readonly grant: Grant
  readonly attempt: Attempt
  isOver: boolean
  /** Whether it was broken off because the other one serves. */
  isLost: boolean
}
