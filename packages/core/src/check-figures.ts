import { ConfigError } from './errors.js'
import type { LeaseRequest } from './lease/lease-issuer.js'
import type { Usage } from './usage/usage.js'

/** Throws a `ConfigError` for a usage that cannot be counted: one NaN among the counts, and no limit holds any more. */
export function checkUsage({ promptTokens, completionTokens, totalTokens }: Usage): void {
  checkFigure('usage.promptTokens', promptTokens)
  checkFigure('usage.completionTokens', completionTokens)
  checkFigure('usage.totalTokens', totalTokens)
}

/** Throws a `ConfigError` for what cannot be reserved, or waited for. */
export function checkLeaseRequest({ tokens = 0, images = 0, maxWaitMs = 0 }: LeaseRequest): void {
  checkFigure('tokens', tokens)
  checkFigure('images', images)
  if (maxWaitMs !== Number.POSITIVE_INFINITY) checkFigure('maxWaitMs', maxWaitMs)
}

function checkFigure(option: string, value: number): void {
  if (!Number.isFinite(value) || value < 0)
    throw new ConfigError(option, 'must be a number that is not negative', value)
}
