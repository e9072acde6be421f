import { type AgedEntry, BoundedMap } from '../collections/bounded-map.js'
import { maskToken } from '../mask.js'
import { SecretMask } from './secret-mask.js'

/** Set by the class itself: the only way to its private field. */
let tokenOf: (secret: Secret) => string

/**
 * An API key's token, wrapped so that it cannot be printed by accident: a template string, `JSON.stringify`,
 * `console.log` and an inspector all show the mask. Only `revealSecret` gives the token itself.
 */
export class Secret {
  readonly #token: string
  readonly #mask: string

  constructor(token: string) {
    this.#token = token
    this.#mask = maskToken(token)
  }

  get mask(): string {
    return this.#mask
  }

  toString(): string {
    return this.#mask
  }

  toJSON(): string {
    return this.#mask
  }

  static {
    // What `console.log` and Node's inspector ask for.
    Object.defineProperty(Secret.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Secret) {
        return this.#mask
      },
    })
    tokenOf = (secret) => secret.#token
  }
}

/** The token itself: for the upstream's authorization header, the store, and `export` with consent. */
export function revealSecret(secret: Secret): string {
  return tokenOf(secret)
}

interface KnownMask extends AgedEntry<KnownMask> {
  readonly secret: Secret
  readonly mask: SecretMask
}

/** A mask takes 30 microseconds to make and 2 KB to keep, so those of the keys in use are kept. */
const masks = new BoundedMap<Secret, KnownMask>({ limit: 2_000, keyOf: ({ secret }) => secret })

/** Masks the token in texts of others. */
export function maskOf(secret: Secret): SecretMask {
  const known = masks.get(secret)
  if (known !== undefined) return known.mask
  const mask = new SecretMask(tokenOf(secret))
  masks.add({ secret, mask, older: undefined, newer: undefined })
  return mask
}
