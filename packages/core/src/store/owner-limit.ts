import { ConfigError } from '../errors.js'
import { ownerLimit } from './store.js'

/** The number of owners that a store was told to remember. Throws a `ConfigError` for what is no such number. */
export function checkedOwnerLimit(given: number = ownerLimit): number {
  if (Number.isSafeInteger(given) && given > 0) return given
  throw new ConfigError('ownerLimit', 'must be a whole number above 0', given)
}
