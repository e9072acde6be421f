import type { KeyPoolError } from '../../errors.js'
import { Secret } from '../../key/secret.js'
import type { Outcome } from '../../outcome/outcome.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import type { Flow, Sink } from '../client/sink.js'
import { type CallInput, createCall } from '../request/call.js'
import { Attempt } from './attempt.js'
import type { Upstream } from './upstream.js'

/** A request of the pool itself: does the upstream accept a key, what is left on an account. */
export interface AskInput {
  readonly path: string
  /** The JSON to post. @default none: a GET */
  readonly json?: Readonly<Record<string, unknown>>
  readonly site: string
  readonly token: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** The longest answer to a request of the pool itself, in bytes; a longer one is no answer to what was asked. */
const answerLimit = 4 * 1024 * 1024

/** Asks the upstream once, without choosing or blaming a key. The outcome is `aborted` when the signal fires first. */
export async function ask(upstream: Upstream, input: AskInput): Promise<{ outcome: Outcome; body: string }> {
  const { site, token, timeoutMs, signal } = input
  const sink = new CollectingSink(() => attempt.abort())
  const call = createCall(callInputOf(input), upstream.provider)
  const startedAt = upstream.runtime.monotonic()
  const attempt = new Attempt({
    call,
    sink,
    upstream,
    site,
    secret: new Secret(token),
    startedAt,
    totalAt: timeoutMs > 0 ? startedAt + timeoutMs : Number.POSITIVE_INFINITY,
    extraHeaders: () => [],
    onOutput: () => {},
  })
  const abort = () => attempt.abort()
  signal?.addEventListener('abort', abort, { once: true })
  const running = attempt.run()
  if (signal?.aborted) abort()
  const { outcome, reply } = await running
  signal?.removeEventListener('abort', abort)
  if (sink.isFull) return { outcome: endless, body: '' }
  return { outcome, body: reply?.body.toString() ?? sink.text() }
}

function callInputOf({ path, json }: AskInput): CallInput {
  if (json === undefined) return { method: 'GET', path, headers: [], body: null }
  const body = { bytes: Buffer.from(JSON.stringify(json)) }
  return { method: 'POST', path, headers: ['content-type', 'application/json'], body }
}

const endless: Outcome = {
  kind: 'upstream-error',
  fault: 'overload',
  message: `the answer is longer than ${answerLimit / 1024 / 1024} MB`,
}

/** Keeps an answer in memory, up to a limit. */
class CollectingSink implements Sink {
  readonly #held = new HeldBytes()
  readonly #onFull: () => void
  isFull = false

  constructor(onFull: () => void) {
    this.#onFull = onFull
  }

  text(): string {
    return this.#held.take().toString()
  }

  attach(_flow: Flow): void {}

  head(): void {}

  data(chunk: Uint8Array): boolean {
    if (this.isFull) return true
    this.#held.add(chunk as Buffer)
    this.isFull = this.#held.size > answerLimit
    if (this.isFull) this.#onFull()
    return true
  }

  end(chunk?: Uint8Array): void {
    if (chunk !== undefined) this.data(chunk)
  }

  fail(_error: KeyPoolError): void {}
}
