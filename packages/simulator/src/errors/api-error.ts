import { coded, type ErrorSample, shaped } from './error-sample.js'
import { type ErrorName, errorSamples } from './error-samples.js'

/** The platform's answer to a refused request. Endpoints throw it, and the exchange sends it. */
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

/** Makes the exception of a named error. */
export function apiError(name: ErrorName, headers?: Readonly<Record<string, string>>): ApiError {
  return new ApiError(errorSamples[name], headers)
}

/** Makes the error for a wrong parameter, with the platform's explanation as its message. */
export function invalidParameter(message: string): ApiError {
  return new ApiError(coded([400, 20_015], message, ['caller', 'inferred']))
}

/** Makes a named error with another message, in a body of the same shape. */
export function worded(name: ErrorName, message: string): ApiError {
  const { status, body, class: errorClass, source, regime } = errorSamples[name]
  return new ApiError(shaped(status, { ...JSON.parse(body), message }, [errorClass, source, regime]))
}
