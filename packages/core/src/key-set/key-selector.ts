import { KeyPoolError } from '../errors.js'
import { fingerprint } from '../key/fingerprint.js'
import type { Key } from '../key/key.js'
import { maskToken, maskTokens } from '../mask.js'

/** The keys that a word means: by id, by the token itself, by label, by mask or by the visible beginning of a mask. */
export function keysMeantBy(selector: string, keys: ReadonlyMap<string, Key>): Key[] {
  const byId = keys.get(selector) ?? keys.get(fingerprint(selector))
  if (byId !== undefined) return [byId]
  const word = selector.replace('...', '…')
  // A whole mask names the keys that look so; a piece of one, those that begin so.
  const [beginning = '', end] = word.split('…')
  const isPiece = beginning.length >= 4 && (end === undefined || end === '')
  return Array.from(keys.values()).filter(
    ({ label, secret }) =>
      label === selector || secret.mask === word || (isPiece && secret.mask.startsWith(beginning)),
  )
}

/** The error for a word that means no key. What looks like a token is masked: it may be one of another pool. */
export function unknownKey(selector: string): KeyPoolError {
  const shown = selector.length > 24 ? maskToken(selector) : maskTokens(selector)
  return new KeyPoolError(
    'unknown_key',
    `No key matches ${JSON.stringify(shown)}. See them with: sfpool list`,
  )
}
