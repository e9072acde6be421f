import { type AccountErrorName, accountSamples } from './account-samples.js'
import { type CallerErrorName, callerSamples } from './caller-samples.js'
import type { ErrorSample } from './error-sample.js'
import { type RateLimitErrorName, rateLimitSamples } from './rate-limit-samples.js'
import { type UpstreamErrorName, upstreamSamples } from './upstream-samples.js'

/** The name of an error. Names ending in `-classic` have the wording of the classic regime, others the current one. */
export type ErrorName = AccountErrorName | CallerErrorName | RateLimitErrorName | UpstreamErrorName

/** Every known error answer of the platform, by name. */
export const errorSamples: Readonly<Record<ErrorName, ErrorSample>> = Object.freeze({
  ...accountSamples,
  ...rateLimitSamples,
  ...callerSamples,
  ...upstreamSamples,
})

export const errorNames: readonly ErrorName[] = Object.keys(errorSamples) as ErrorName[]

export function isErrorName(text: string): text is ErrorName {
  return Object.hasOwn(errorSamples, text)
}
