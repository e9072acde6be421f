import type {
  Transport,
  TransportControl,
  TransportHandler,
  TransportRequest,
} from '../transport/transport.js'

/** What an upstream answers. */
export interface ScriptedAnswer {
  readonly status?: number
  readonly headers?: readonly string[]
  readonly chunks?: readonly Buffer[]
  /** How it ends behind its chunks. @default 'end' */
  readonly ending?: 'end' | 'reset' | 'hang'
  /** Called before each chunk. */
  readonly onChunk?: () => void
}

export interface ScriptedTransport extends Transport {
  readonly requests: readonly TransportRequest[]
  /** Requests that were broken off. */
  readonly abortCount: number
}

/** A way to an upstream that exists in memory only: it answers as scripted, and heeds pauses. */
export function scriptedTransport(answer: (request: TransportRequest) => ScriptedAnswer): ScriptedTransport {
  const requests: TransportRequest[] = []
  let abortCount = 0
  return {
    requests,
    get abortCount() {
      return abortCount
    },
    dispatch(request, handler) {
      requests.push(request)
      const run = new ScriptedRun(answer(request), handler, () => abortCount++)
      queueMicrotask(() => run.begin())
      return run
    },
    async close() {},
  }
}

class ScriptedRun implements TransportControl {
  readonly #answer: ScriptedAnswer
  readonly #handler: TransportHandler
  readonly #onAbort: () => void
  readonly #chunks: readonly Buffer[]
  #at = 0
  #isPaused = false
  #isRunning = false
  #isOver = false

  constructor(answer: ScriptedAnswer, handler: TransportHandler, onAbort: () => void) {
    this.#answer = answer
    this.#handler = handler
    this.#onAbort = onAbort
    this.#chunks = answer.chunks ?? []
  }

  begin(): void {
    if (this.#isOver) return
    const { status = 200, headers = ['content-type', 'text/event-stream'] } = this.#answer
    this.#handler.onSent()
    if (!this.#isOver) this.#handler.onHead(status, [...headers])
    this.#play()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#play()
  }

  abort(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onAbort()
  }

  #play(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    for (let chunk = this.#next(); chunk !== undefined; chunk = this.#next()) {
      this.#answer.onChunk?.()
      if (!this.#isOver) this.#handler.onData(chunk)
    }
    this.#isRunning = false
    if (this.#isOver || this.#isPaused || this.#answer.ending === 'hang') return
    this.#isOver = true
    if (this.#answer.ending === 'reset') this.#handler.onError(new Error('socket hang up'))
    else this.#handler.onEnd()
  }

  #next(): Buffer | undefined {
    return this.#isOver || this.#isPaused ? undefined : this.#chunks[this.#at++]
  }
}
