import { ConfigError } from '../errors.js'

/** One thing, or several. */
export type OneOrMore<T> = T | Iterable<T>

/** Lists what was given: a text alone is one id, not a list of characters. Throws a `ConfigError` for anything else. */
export function listOf<T extends string | object>(given: OneOrMore<T>): Iterable<T> {
  if (typeof given === 'string') return [given]
  if (typeof given !== 'object' || given === null)
    throw new ConfigError('keys', 'must be named by a string or a list of strings', given)
  return Symbol.iterator in given ? (given as Iterable<T>) : [given as T]
}
