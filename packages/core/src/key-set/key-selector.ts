import { KeyPoolError } from '../errors.js'
import { fingerprint } from '../key/fingerprint.js'
import type { Key } from '../key/key.js'
import { maskToken, maskTokens } from '../mask.js'

/** Finds keys by id, by the token itself, by label, by mask, or by the visible beginning of a mask. */
export function selectKeys(selector: string, keys: ReadonlyMap<string, Key>): Key[] {
  const byId = keys.get(selector) ?? keys.get(fingerprint(selector))
  if (byId !== undefined) return [byId]
  const mask = selector.replace('...', '…')
  // A whole mask selects the keys with that mask; the beginning of one, the keys whose mask begins so.
  const [beginning = '', end] = mask.split('…')
  const isBeginning = beginning.length >= 4 && (end === undefined || end === '')
  return Array.from(keys.values()).filter(
    ({ label, secret }) =>
      label === selector || secret.mask === mask || (isBeginning && secret.mask.startsWith(beginning)),
  )
}

/** The error for a selector without a key. A selector that looks like a token is masked: another pool may hold it. */
export function unknownKey(selector: string): KeyPoolError {
  const shown = selector.length > 24 ? maskToken(selector) : maskTokens(selector)
  return new KeyPoolError(
    'unknown_key',
    `No key matches ${JSON.stringify(shown)}. See them with: sfpool list`,
  )
}
