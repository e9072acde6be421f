import { withoutSecret } from '../../key/redact.js'
import { maskOf, type Secret } from '../../key/secret.js'
import type { Outcome } from '../../outcome/outcome.js'
import type { Answer, Provider } from '../../provider/provider.js'
import type { Runtime } from '../../runtime/runtime.js'
import { eventStreamHeaders } from './body-headers.js'
import type { CallersPart } from './callers-words.js'
import { classifyWithoutEcho } from './echo.js'
import { outcomeOfHiddenFailure } from './hidden-failure.js'
import { maskedText } from './masked-reply.js'

/** What was asked, and under which key. */
export interface Asked {
  readonly call: CallersPart
  readonly secret: Secret
  readonly upstream: { readonly runtime: Pick<Runtime, 'now'> }
}

/** The head of an upstream's answer; classifies the body that follows it by the provider's rules. */
export class AnswerHead {
  readonly status: number
  /** A flat list, cleaned for the client. */
  readonly headers: readonly string[]
  readonly #provider: Provider
  readonly #asked: Asked | null

  constructor(status: number, headers: readonly string[], provider: Provider, asked: Asked | null = null) {
    this.status = status
    this.headers = headers
    this.#provider = provider
    this.#asked = asked
  }

  /** The head that a stream of events should have had. */
  asStream(): AnswerHead {
    return new AnswerHead(this.status, eventStreamHeaders(this.headers), this.#provider, this.#asked)
  }

  classify(body: string): Outcome {
    return this.#classify(body, (answer) => this.#provider.classify(answer))
  }

  /** Classifies a body that reports a failure, even under a status of success. */
  classifyFailure(body: string): Outcome {
    return this.#classify(body, (answer) => outcomeOfHiddenFailure(this.#provider, answer))
  }

  /** Bytes that report a failure, with masks where they repeat the key. */
  masked(bytes: Buffer): Buffer {
    if (this.#asked === null) return bytes
    const text = bytes.toString()
    const masked = maskOf(this.#asked.secret).apply(text)
    return masked === text ? bytes : Buffer.from(masked)
  }

  /** Masked before it is read: a message is shortened, and half a key would not be found any more. */
  #answer(body: string): Answer {
    const { status, headers } = this
    const asked = this.#asked
    if (asked === null) return { status, headers, body }
    return { status, headers, body: maskedText(body, asked.secret), receivedAt: asked.upstream.runtime.now() }
  }

  #classify(body: string, classify: (answer: Answer) => Outcome): Outcome {
    const answer = this.#answer(body)
    const asked = this.#asked
    if (asked === null) return classify(answer)
    return withoutSecret(classifyWithoutEcho(answer, asked.call, classify), asked.secret)
  }
}
