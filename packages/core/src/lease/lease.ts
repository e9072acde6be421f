import type { Key } from '../key/key.js'
import type { KeyView } from '../key/key-view.js'
import { revealSecret } from '../key/secret.js'
import type { AttemptFigures } from '../keyring/keyring.js'
import type { Outcome, OutcomeKind } from '../outcome/outcome.js'
import type { Answer } from '../provider/provider.js'
import type { Grant } from '../selection/grant.js'
import { checkUsage, type Usage } from '../usage/usage.js'

/** An answer as a caller with its own client saw it; the pool classifies it. */
export interface SeenAnswer {
  readonly status: number
  /** `Headers` of any kind, a plain record as Node gives it, or a flat list. Only `retry-after` and `date` are read. */
  readonly headers?:
    | Iterable<readonly [string, string]>
    | Readonly<Record<string, string | readonly string[] | undefined>>
    | readonly string[]
  /** The body as text or as the value parsed from it. */
  readonly body?: unknown
}

/** The answer as classification reads it. */
export function answerOf({ status, headers = [], body }: SeenAnswer): Answer {
  const text = typeof body === 'string' ? body : body == null ? '' : (JSON.stringify(body) ?? '')
  return { status, headers: flatHeaders(headers), body: text.slice(0, maxBodyLength) }
}

const maxBodyLength = 64 * 1024

function flatHeaders(headers: NonNullable<SeenAnswer['headers']>): string[] {
  if (isFlatList(headers)) return headers.map((text, at) => (at % 2 === 0 ? text.toLowerCase() : text))
  const entries = Symbol.iterator in headers ? Array.from(headers) : Object.entries(headers)
  return entries.flatMap(([name, value]) => [name.toLowerCase(), String(value)])
}

const isFlatList = (headers: NonNullable<SeenAnswer['headers']>): headers is readonly string[] =>
  Array.isArray(headers) && typeof headers[0] !== 'object'

/** What the lease needs of its owner. */
export interface LeaseOwner {
  settle(grant: Grant, outcome: Outcome, figures: AttemptFigures): void
  viewOf(key: Key): KeyView
  baseURLOf(key: Key): string
  classify(answer: Answer): Outcome
}

/**
 * The right to use one key for one attempt. Settle it with what came of the attempt; a lease that is disposed
 * unsettled is given back without judging the key. Settling twice is harmless: the first one counts.
 *
 * @example
 * using lease = await pool.acquire({ model: 'Qwen/Qwen3-8B' })
 * const reply = await fetch(`${lease.baseURL}/models`, { headers: { authorization: `Bearer ${lease.secret}` } })
 * lease.settle({ status: reply.status, headers: reply.headers, body: await reply.json() })
 */
export class Lease {
  readonly #grant: Grant
  readonly #owner: LeaseOwner
  #isOpen = true

  constructor(owner: LeaseOwner, grant: Grant) {
    this.#owner = owner
    this.#grant = grant
  }

  static {
    // An inspector that calls getters would show the secret.
    Object.defineProperty(Lease.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Lease) {
        return `Lease(${this.#grant.key.id})`
      },
    })
  }

  /** The model it was asked for; `''` when none was named. */
  get model(): string {
    return this.#grant.model
  }

  /** Milliseconds since the Unix epoch. */
  get startedAt(): number {
    return this.#grant.startedAt
  }

  /** The key as people may see it. */
  get key(): KeyView {
    return this.#owner.viewOf(this.#grant.key)
  }

  /** The token itself, for the authorization header. */
  get secret(): string {
    return revealSecret(this.#grant.key.secret)
  }

  /** Where this key is valid. */
  get baseURL(): string {
    return this.#owner.baseURLOf(this.#grant.key)
  }

  /**
   * Reports how the attempt ended: a word of the outcome vocabulary, a full outcome, or the answer itself.
   * `usage` adds tokens to the key's counters and replaces what was estimated for its limits; `firstOutputMs`, from
   * the call to its first output, is what the strategy `fastest` goes by. Throws a `ConfigError` for a usage whose
   * counts are no numbers, and then the lease is not settled.
   */
  settle(
    result: OutcomeKind | Outcome | SeenAnswer,
    usage: Usage | null = null,
    firstOutputMs: number | null = null,
  ): void {
    if (!this.#isOpen) return
    if (usage !== null) checkUsage(usage)
    this.#isOpen = false
    this.#owner.settle(this.#grant, this.#outcomeOf(result), { usage, firstOutputMs })
  }

  #outcomeOf(result: OutcomeKind | Outcome | SeenAnswer): Outcome {
    if (typeof result === 'string') return outcomeOfKind(result)
    return 'kind' in result ? result : this.#owner.classify(answerOf(result))
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#owner.settle(this.#grant, { kind: 'aborted' }, { usage: null, firstOutputMs: null })
  }
}

/** The usual fault behind a bare word. */
function outcomeOfKind(kind: OutcomeKind): Outcome {
  switch (kind) {
    case 'rate-limited':
      return { kind, fault: 'limit' }
    case 'unauthorized':
      return { kind, fault: 'key' }
    case 'insufficient-balance':
      return { kind, fault: 'funds' }
    case 'rejected':
      return { kind, fault: 'caller' }
    case 'upstream-error':
      return { kind, fault: 'overload' }
    case 'network-error':
      return { kind, fault: 'network' }
    case 'timeout':
    case 'truncated':
      return { kind, fault: 'network', maybeRan: true }
    default:
      return { kind }
  }
}
