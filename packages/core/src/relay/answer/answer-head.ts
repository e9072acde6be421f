import type { Outcome } from '../../outcome/outcome.js'
import type { Provider } from '../../provider/provider.js'
import { outcomeOfHiddenFailure } from './hidden-failure.js'

/** The head of an answer, and the provider's judgement of what follows it. */
export class AnswerHead {
  readonly status: number
  /** Flat list, ready for the client. */
  readonly headers: readonly string[]
  readonly #provider: Provider

  constructor(status: number, headers: readonly string[], provider: Provider) {
    this.status = status
    this.headers = headers
    this.#provider = provider
  }

  classify(body: string): Outcome {
    const { status, headers } = this
    return this.#provider.classify({ status, headers, body })
  }

  /** The same of a body that reports a failure, whatever the status says. */
  classifyFailure(body: string): Outcome {
    const { status, headers } = this
    return outcomeOfHiddenFailure(this.#provider, { status, headers, body })
  }
}
