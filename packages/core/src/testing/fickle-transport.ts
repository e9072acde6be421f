import type { Runtime } from '../runtime/runtime.js'
import type {
  Transport,
  TransportControl,
  TransportHandler,
  TransportRequest,
} from '../transport/transport.js'

export interface FickleTransport extends Transport {
  /** Calls that ask for text. */
  readonly callCount: number
  /** Those of them that have neither ended nor been broken off. */
  readonly openCount: number
}

type Say = (handler: TransportHandler) => void

/** What an upstream does in one call, in its order; the last of it may be an end. */
interface Script {
  readonly steps: readonly Say[]
  readonly last: Say | null
}

const sent: Say = (handler) => handler.onSent()
const end: Say = (handler) => handler.onEnd()
const reset: Say = (handler) => handler.onError(new Error('socket hang up'))
const data =
  (text: string): Say =>
  (handler) =>
    handler.onData(Buffer.from(text))
const head =
  (status: number, type: string): Say =>
  (handler) =>
    handler.onHead(status, ['content-type', type])

/**
 * A way to upstreams that refuse, fall silent, break off, report errors anywhere and take their time, by chance and on
 * the clock of the test. Each answer bears the number of its call: `<7.0><7.1>…` is the beginning of the seventh's text.
 */
export function fickleTransport({ random, setTimer }: Runtime): FickleTransport {
  const runs = new Set<Run>()
  let callCount = 0
  return {
    get callCount() {
      return callCount
    },
    get openCount() {
      return Array.from(runs).filter(({ isOver }) => !isOver).length
    },
    dispatch(request, handler) {
      if (random() < 0.03) throw new Error('no such host')
      const run = new Run(handler)
      if (request.method === 'POST') runs.add(run)
      const { steps, last } = scriptOf(++callCount, request, random)
      let atMs = 0
      const play = (say: Say, isLast: boolean): void => {
        atMs += Math.floor(random() * (random() < 0.1 ? 40_000 : 400))
        setTimer(() => run.play(say, isLast), atMs)
      }
      for (const say of steps) play(say, false)
      if (last !== null) play(last, true)
      return run
    },
    async close() {},
  }
}

/** One call, which heeds pauses. */
class Run implements TransportControl {
  isOver = false
  #isPaused = false
  readonly #handler: TransportHandler
  readonly #waiting: (() => void)[] = []

  constructor(handler: TransportHandler) {
    this.#handler = handler
  }

  play(say: Say, isLast: boolean): void {
    const run = (): void => {
      if (this.isOver) return
      this.isOver = isLast
      say(this.#handler)
    }
    if (this.#isPaused || this.#waiting.length > 0) this.#waiting.push(run)
    else run()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    while (!this.#isPaused && this.#waiting.length > 0) this.#waiting.shift()?.()
  }

  abort(): void {
    this.isOver = true
  }
}

function scriptOf(call: number, { body }: TransportRequest, random: () => number): Script {
  const error = (status: number, message: string): Script => ({
    steps: [sent, head(status, 'application/json'), data(JSON.stringify({ message, data: null }))],
    last: end,
  })
  const failures: readonly Script[] = [
    { steps: [], last: reset },
    { steps: [sent], last: reset },
    { steps: [sent], last: null },
    error(429, 'Request was rejected due to rate limiting. Details:RPM limit reached.'),
    error(503, 'busy'),
    error(400, 'no such parameter'),
    error(401, 'Invalid token'),
  ]
  const failure = failures[Math.floor(random() * failures.length * 2.5)]
  if (failure !== undefined) return failure
  const isStream = /"stream":true/.test(Buffer.from((body as Uint8Array | null) ?? '').toString())
  return isStream ? streamOf(call, random) : replyOf(call, random)
}

function streamOf(call: number, random: () => number): Script {
  const event = (delta: object, finish_reason: string | null): string =>
    `data: ${JSON.stringify({ id: `c${call}`, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
  const count = 1 + Math.floor(random() * 6)
  const cutAt = random() < 0.3 ? Math.floor(random() * count) : count
  const words = Array.from({ length: cutAt }, (_, at) =>
    event({ content: `<${call}.${at}>` }, at === count - 1 ? 'stop' : null),
  )
  const pieces = words.flatMap((word) => {
    const cut = Math.floor(random() * word.length)
    return [data(word.slice(0, cut)), data(word.slice(cut))]
  })
  const begun = [sent, head(200, 'text/event-stream'), data(event({ role: 'assistant' }, null)), ...pieces]
  if (cutAt === count)
    return { steps: [...begun, data('data: [DONE]\n\n')], last: random() < 0.9 ? end : null }
  const fault = data('data: {"error":{"message":"busy","code":50501}}\n\n')
  return random() < 0.25
    ? { steps: [...begun, fault], last: end }
    : { steps: begun, last: [end, reset, null][Math.floor(random() * 3)] ?? null }
}

function replyOf(call: number, random: () => number): Script {
  const message = { role: 'assistant', content: random() < 0.1 ? '' : `<${call}.0>` }
  const reply = JSON.stringify({ id: `c${call}`, choices: [{ index: 0, message, finish_reason: 'stop' }] })
  const cut = Math.floor(random() * reply.length)
  const begun = [sent, head(200, 'application/json'), data(reply.slice(0, cut))]
  return random() < 0.85
    ? { steps: [...begun, data(reply.slice(cut))], last: end }
    : { steps: begun, last: random() < 0.5 ? end : reset }
}
