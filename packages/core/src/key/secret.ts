const reveal = Symbol('sfpool.secret')

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

  [reveal](): string {
    return this.#token
  }

  toString(): string {
    return this.#mask
  }

  toJSON(): string {
    return this.#mask
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.#mask
  }
}

/** The token itself: for the upstream's authorization header, the store, and `export` with consent. */
export function revealSecret(secret: Secret): string {
  return secret[reveal]()
}

/** `sk-ab…wxyz`: enough to recognise one's own key, too little to use it. Short tokens show nothing of their body. */
export function maskToken(token: string): string {
  return token.length < 16 ? `${token.slice(0, 3)}…` : `${token.slice(0, 5)}…${token.slice(-4)}`
}
