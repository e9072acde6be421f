import { coded, type ErrorSample, shaped } from './error-sample.js'
import { type ErrorName, errorSamples } from './error-samples.js'

/** What the platform answers when it refuses a request: thrown by endpoints, sent by the exchange. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly sample: ErrorSample
  readonly headers: Readonly<Record<string, string>>

  constructor(sample: ErrorSample, headers: Readonly<Record<string, string>> = {}) {
    super(`${sample.status} ${sample.body}`)
    this.sample = sample
    this.headers = headers
  }
}

/** The error of that name, as an exception. */
export function apiError(name: ErrorName, headers?: Readonly<Record<string, string>>): ApiError {
  return new ApiError(errorSamples[name], headers)
}

/** A parameter that is wrong in a way the platform explains in its message. */
export function invalidParameter(message: string): ApiError {
  return new ApiError(coded([400, 20_015], message, ['caller', 'inferred']))
}

/** The sample of that name with a message of its own, in a body of the same shape. */
export function worded(name: ErrorName, message: string): ApiError {
  const { status, body, class: errorClass, source, regime } = errorSamples[name]
  return new ApiError(shaped(status, { ...JSON.parse(body), message }, [errorClass, source, regime]))
}
