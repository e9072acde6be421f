import type { Outcome } from '../../outcome/outcome.js'
import type { Provider } from '../../provider/provider.js'
import { eventStreamHeaders } from './body-headers.js'
import { outcomeOfHiddenFailure } from './hidden-failure.js'

/** The head of an upstream's answer; classifies the body that follows it by the provider's rules. */
export class AnswerHead {
  readonly status: number
  /** A flat list, cleaned for the client. */
  readonly headers: readonly string[]
  readonly #provider: Provider

  constructor(status: number, headers: readonly string[], provider: Provider) {
    this.status = status
    this.headers = headers
    this.#provider = provider
  }

  /** The head that a stream of events should have had. */
  asStream(): AnswerHead {
    return new AnswerHead(this.status, eventStreamHeaders(this.headers), this.#provider)
  }

  classify(body: string): Outcome {
    const { status, headers } = this
    return this.#provider.classify({ status, headers, body })
  }

  /** Classifies a body that reports a failure, even under a status of success. */
  classifyFailure(body: string): Outcome {
    const { status, headers } = this
    return outcomeOfHiddenFailure(this.#provider, { status, headers, body })
  }
}
