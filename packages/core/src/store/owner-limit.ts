import { ConfigError } from '../errors.js'

/** Beyond this number the oldest owners are forgotten. */
export const ownerLimit: number = 1_000_000
/** Owners of videos that are this much older than the latest owner are forgotten: the upstream no longer has them. */
export const videoLifetimeMs: number = 7 * 24 * 3_600_000

/** Validates the number of owners that a store is to remember. Throws a `ConfigError`. */
export function checkOwnerLimit(given: number = ownerLimit): number {
  if (Number.isSafeInteger(given) && given > 0) return given
  throw new ConfigError('ownerLimit', 'must be a whole number above 0', given)
}
