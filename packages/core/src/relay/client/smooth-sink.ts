import type { KeyPoolError } from '../../errors.js'
import type { Runtime, Timer } from '../../runtime/runtime.js'
import { splitEvents } from '../../sse/split-events.js'
import { isEventStream } from '../../wire/content-type.js'
import type { SmoothOptions } from '../request/stream-options.js'
import type { Flow, Sink } from './sink.js'
import { SmoothPace } from './smooth-pace.js'
import { TextQueue } from './text-queue.js'

export interface SmoothParts {
  readonly runtime: Runtime
  readonly options: Required<SmoothOptions>
}

/** The length of one frame of a screen: text that is due within it is sent together. */
const frameMs = 16

/** The most bytes that wait before the upstream is asked to pause. */
const highWaterMark = 64 * 1024
/** The bytes that still wait when the upstream is asked for more. */
const lowWaterMark = 16 * 1024

/**
 * Paces the text of a stream, as fast as it comes on average. Only the cuts in the text change, and the time when it is
 * sent: every other event goes on as it is, in its place, and nothing is held longer than `maxDelayMs`.
 */
export function smoothSink(sink: Sink, parts: SmoothParts): Sink {
  return new SmoothSink(sink, parts)
}

class SmoothSink implements Sink, Flow {
  readonly #sink: Sink
  readonly #runtime: Runtime
  readonly #options: Required<SmoothOptions>
  readonly #pace: SmoothPace
  readonly #queue = new TextQueue()
  #flow: Flow | null = null
  #isStream = false
  #intervalMs = 0
  /** When the next character is due. */
  #nextAt = 0
  /** Whether there was nothing to send. */
  #isIdle = true
  #timer: Timer | undefined
  #timerAt = Number.POSITIVE_INFINITY
  /** Whether the client takes nothing at the moment. */
  #isBlocked = false
  /** Whether the engine was asked to pause, and waits for `resume`. */
  #isPaused = false
  #isOver = false

  constructor(sink: Sink, { runtime, options }: SmoothParts) {
    this.#sink = sink
    this.#runtime = runtime
    this.#options = options
    this.#pace = new SmoothPace(options.factor, options.maxDelayMs)
  }

  attach(flow: Flow): void {
    this.#flow = flow
    this.#sink.attach(this)
  }

  resume(): void {
    this.#isBlocked = false
    this.#run()
    this.#resumeEngine()
  }

  abort(): void {
    this.#stop()
    this.#flow?.abort()
  }

  head(status: number, headers: readonly string[]): void {
    this.#isStream = status === 200 && isEventStream(headers)
    this.#sink.head(status, headers)
  }

  data(chunk: Uint8Array): boolean {
    if (!this.#isStream) {
      this.#isPaused = !this.#sink.data(chunk)
      return !this.#isPaused
    }
    this.#take(chunk)
    this.#run()
    this.#isPaused = this.#isBlocked || this.#queue.size > highWaterMark
    return !this.#isPaused
  }

  end(chunk?: Uint8Array): void {
    if (!this.#isStream) return this.#sink.end(chunk)
    if (chunk !== undefined) this.#take(chunk)
    this.#queue.isClosed = true
    this.#run()
  }

  fail(error: KeyPoolError): void {
    this.#write(this.#queue.takeAll())
    this.#stop()
    this.#sink.fail(error)
  }

  #take(chunk: Uint8Array): void {
    const bytes = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (bytes.length === 0) return
    const now = this.#runtime.monotonic()
    const dueAt = now + this.#options.maxDelayMs
    let hasText = false
    for (const event of splitEvents(bytes)) {
      if (this.#queue.add(event, dueAt)) hasText = true
    }
    if (hasText) this.#setPace(now)
  }

  #setPace(now: number): void {
    this.#pace.arrived(now)
    this.#intervalMs = this.#pace.intervalFor(this.#queue.count)
    // Text that was not sent in time is caught up on, unless there was nothing to send.
    if (this.#isIdle) this.#nextAt = Math.max(this.#nextAt, now)
  }

  /** Sends what is due, and sets a timer for what is due later. */
  #run(): void {
    if (this.#isOver || this.#isBlocked) return
    const now = this.#runtime.monotonic()
    const out: Buffer[] = []
    for (let count = this.#due(now); ; ) {
      for (const event of this.#queue.takeWhole()) out.push(event)
      const available = this.#queue.available(now)
      const isLate = this.#queue.dueAt <= now
      const next = isLate ? available : Math.min(available, count)
      if (next === 0) break
      for (const event of this.#queue.take(next, this.#options.by)) out.push(event)
      count -= Math.min(next, count)
      this.#nextAt = isLate ? now + this.#intervalMs : this.#nextAt + next * this.#intervalMs
    }
    this.#isIdle = this.#queue.available(now) === 0
    this.#write(out)
    if (this.#isOver) return
    if (this.#queue.isClosed && this.#queue.isEmpty) return this.#finish()
    this.#arm(now)
    this.#resumeEngine()
  }

  /** The number of characters that are due by the pace. */
  #due(now: number): number {
    if (this.#intervalMs === 0) return Number.POSITIVE_INFINITY
    return now < this.#nextAt ? 0 : Math.floor((now - this.#nextAt) / this.#intervalMs) + 1
  }

  #write(events: readonly Buffer[]): void {
    const [first] = events
    if (first === undefined) return
    const bytes = events.length === 1 ? first : Buffer.concat(events)
    if (!this.#sink.data(bytes)) this.#isBlocked = true
  }

  #resumeEngine(): void {
    if (!this.#isPaused || this.#isBlocked || this.#queue.size > lowWaterMark) return
    this.#isPaused = false
    this.#flow?.resume()
  }

  #finish(): void {
    this.#stop()
    this.#sink.end()
  }

  #arm(now: number): void {
    if (this.#isBlocked || this.#queue.isEmpty) return
    const paced =
      this.#queue.available(now) > 0 ? Math.max(this.#nextAt, now + frameMs) : Number.POSITIVE_INFINITY
    const wakeAt = Math.min(this.#queue.dueAt, paced)
    if (this.#timerAt <= wakeAt) return
    this.#clearTimer()
    this.#timerAt = wakeAt
    // The timer keeps the process alive: the client waits for this text, and the upstream's connection may be closed.
    this.#timer = this.#runtime.setTimer(this.#onTimer, Math.max(wakeAt - now, 0), true)
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
    this.#run()
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#runtime.clearTimer(this.#timer)
    this.#timer = undefined
    this.#timerAt = Number.POSITIVE_INFINITY
  }

  #stop(): void {
    this.#isOver = true
    this.#clearTimer()
  }
}
