import { isRepeatable } from '../../outcome/switching.js'
import type { Refusal } from '../../selection/refusal.js'
import type { AttemptResult } from '../attempt/attempt.js'
import type { Call } from '../request/call.js'
import { withModel } from '../request/with-model.js'
import type { Fallbacks } from './aliases.js'
import { causeOfOutcome, causeOfRefusal, type FallbackCause } from './fallback-cause.js'

/** Why a model did not serve: no key could be used, or the last attempt failed. */
export type Failure = Refusal | { readonly kind: 'result'; readonly result: AttemptResult }

/** The models that may replace the one that a request asks for, in the order in which they are tried. */
export class FallbackChain {
  readonly #asked: Call
  readonly #fallbacks: Fallbacks
  readonly #tried = new Set<string>()
  /** Why the model that the client asked for did not serve: the client gets this when no other model serves. */
  firstFailure: Failure | null = null

  constructor(asked: Call, fallbacks: Fallbacks) {
    this.#asked = asked
    this.#fallbacks = fallbacks
    this.#tried.add(asked.model)
  }

  /** Whether another model can be tried when every account is at a limit for the current one. */
  get hasNextForLimits(): boolean {
    return this.#nextFor('limits') !== undefined
  }

  /** The call for the next model that may serve; null for none. */
  next(failure: Failure): Call | null {
    const cause = this.#causeOf(failure)
    const model = cause === null ? undefined : this.#nextFor(cause)
    if (model === undefined) return null
    this.#tried.add(model)
    this.firstFailure ??= failure
    return withModel(this.#asked, model)
  }

  #causeOf(failure: Failure): FallbackCause | null {
    if (failure.kind === 'refusal') return causeOfRefusal(failure)
    const { outcome } = failure.result
    return isRepeatable(outcome, this.#asked.route) ? causeOfOutcome(outcome) : null
  }

  #nextFor(cause: FallbackCause): string | undefined {
    return this.#fallbacks[cause].find((model) => !this.#tried.has(model))
  }
}
