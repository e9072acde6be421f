import { maskToken } from '../mask.js'
import { SecretMask } from './secret-mask.js'

/** Set by the class itself: the only way to its private field. */
let tokenOf: (secret: Secret) => string
let secretMaskOf: (secret: Secret) => SecretMask

/**
 * An API key's token, wrapped so that it cannot be printed by accident: a template string, `JSON.stringify`,
 * `console.log` and an inspector all show the mask. Only `revealSecret` gives the token itself.
 */
export class Secret {
  readonly #token: string
  readonly #mask: string
  /** Made when an answer must be searched for the token, which for most keys is never. */
  #everywhere: SecretMask | null = null

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
    secretMaskOf = (secret) => {
      secret.#everywhere ??= new SecretMask(secret.#token)
      return secret.#everywhere
    }
  }
}

/** The token itself: for the upstream's authorization header, the store, and `export` with consent. */
export function revealSecret(secret: Secret): string {
  return tokenOf(secret)
}

/** Masks the token in texts of others. */
export function maskOf(secret: Secret): SecretMask {
  return secretMaskOf(secret)
}
