import { type Flow, KeyPoolError, type Sink } from '@sfpool/core'
import type { StallWatch, Watched } from './stall-watch.js'

const eventStream = /^\s*text\/event-stream\b/i

/** Proxies with nginx's defaults hold a stream back until it ends, and others compress it, unless told not to. */
const unbuffered: readonly string[] = ['x-accel-buffering', 'no']
const unbufferedAndUnchanged: readonly string[] = [...unbuffered, 'cache-control', 'no-transform']

/**
 * Writes to the exchange's sink, lets streams pass proxies unbuffered, and replaces the upstream's CORS headers by those
 * of the gateway's policy. The `*` of an upstream would let any web page read from a gateway that is meant for this
 * machine only. An answer that its client does not take to its end is cut off after a time: it holds memory, and perhaps
 * an upstream call.
 */
export class GatewaySink implements Sink, Flow, Watched {
  /** Whether an answer has begun; no other answer can replace it then. */
  hasHead = false
  /** Set when the client took nothing for too long. */
  stall: KeyPoolError | undefined
  /** Runs when that comes to light behind the end of the answer, when its line has been logged. */
  onLateStall: ((error: KeyPoolError) => void) | undefined
  seenMovement = 0
  seenAt = 0
  readonly #sink: Sink
  readonly #policy: readonly string[]
  readonly #watch: StallWatch
  #flow: Flow | undefined
  #isWatched = false

  /** `policy` holds the headers of every answer, as a flat list; `watch` finds clients that take nothing. */
  constructor(sink: Sink, policy: readonly string[], watch: StallWatch) {
    this.#sink = sink
    this.#policy = policy
    this.#watch = watch
  }

  /** Whether the client still has to take something. */
  get isWatched(): boolean {
    return this.#isWatched
  }

  attach(flow: Flow): void {
    this.#flow = flow
    this.#sink.attach(this)
  }

  resume(): void {
    this.#unwatch()
    this.#flow?.resume()
  }

  abort(): void {
    this.#unwatch()
    this.#flow?.abort()
  }

  done(): void {
    this.#unwatch()
  }

  head(status: number, headers: readonly string[]): void {
    this.hasHead = true
    let kept: string[] | undefined
    let isStream = false
    let hasCaching = false
    for (let index = 0; index < headers.length; index += 2) {
      const name = headers[index] as string
      if (name.startsWith('access-control-')) kept ??= headers.slice(0, index)
      else kept?.push(name, headers[index + 1] as string)
      if (name.length !== 12 && name.length !== 13) continue
      if (name === 'content-type') isStream = eventStream.test(headers[index + 1] as string)
      else if (name === 'cache-control') hasCaching = true
    }
    let sent = kept ?? headers
    if (isStream) sent = sent.concat(hasCaching ? unbuffered : unbufferedAndUnchanged)
    this.#sink.head(status, this.#policy.length === 0 ? sent : sent.concat(this.#policy))
  }

  data(chunk: Uint8Array): boolean {
    const mayGoOn = this.#sink.data(chunk)
    if (!mayGoOn) this.#startWatch()
    return mayGoOn
  }

  end(chunk?: Uint8Array): void {
    this.#sink.end(chunk)
    this.#watchRest()
  }

  fail(error: KeyPoolError): void {
    this.#sink.fail(error)
    this.#watchRest()
  }

  movement(): number | null {
    const sink = this.#sink
    if (sink.unsent?.() === 0) return null
    return sink.progress?.() ?? 0
  }

  onStall(): void {
    this.#isWatched = false
    const error = new KeyPoolError(
      'request_aborted',
      `The client took nothing of its answer for ${this.#watch.timeoutMs} ms, so its connection was closed. Allow more with --send-timeout, SFPOOL_SEND_TIMEOUT or the option sendTimeoutMs.`,
    )
    this.stall = error
    if (this.#sink.cut === undefined) this.#sink.fail(error)
    else this.#sink.cut(error)
    this.#flow?.abort()
    this.onLateStall?.(error)
  }

  /** Watches what is still to be sent of an answer that is over. Nothing asks for it by `resume` any more. */
  #watchRest(): void {
    if ((this.#sink.unsent?.() ?? 0) > 0) this.#startWatch()
  }

  #startWatch(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    this.#watch.add(this)
  }

  #unwatch(): void {
    if (!this.#isWatched) return
    this.#isWatched = false
    this.#watch.remove(this)
  }
}
