import type { KeyPoolError } from '../../errors.js'
import type { Outcome } from '../../outcome/outcome.js'
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

/** Asks the upstream once, without choosing or blaming a key. The outcome is `aborted` when the signal fires first. */
export async function ask(upstream: Upstream, input: AskInput): Promise<{ outcome: Outcome; body: string }> {
  const { site, token, timeoutMs, signal } = input
  const sink = new CollectingSink()
  const call = createCall(callInputOf(input), upstream.provider)
  const startedAt = upstream.runtime.monotonic()
  const attempt = new Attempt({
    call,
    sink,
    upstream,
    site,
    token,
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
  return { outcome, body: reply?.body.toString() ?? sink.text() }
}

function callInputOf({ path, json }: AskInput): CallInput {
  if (json === undefined) return { method: 'GET', path, headers: [], body: null }
  const body = { bytes: Buffer.from(JSON.stringify(json)) }
  return { method: 'POST', path, headers: ['content-type', 'application/json'], body }
}

/** Keeps an answer in memory. */
class CollectingSink implements Sink {
  readonly #chunks: Uint8Array[] = []

  text(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  attach(_flow: Flow): void {}

  head(): void {}

  data(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk)
    return true
  }

  end(chunk?: Uint8Array): void {
    if (chunk !== undefined) this.#chunks.push(chunk)
  }

  fail(_error: KeyPoolError): void {}
}
