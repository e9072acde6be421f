/** The cause of an error, which decides what may cool down because of it. */
export type ErrorClass =
  /** The key is invalid or its account is closed, until the operator acts. */
  | 'key'
  /** The account has no money left. */
  | 'funds'
  /** The account has used up a limit of this model for now. */
  | 'limit'
  /** The account may not use this model. */
  | 'permission'
  /** No key can use this model. */
  | 'model'
  /** The request itself is wrong. */
  | 'caller'
  /** The platform has a failure; the same request works at another time. */
  | 'upstream'
  /** The caller's IP address seems to be blocked. */
  | 'ip-ban'

/** An error answer of the platform, byte for byte. */
export interface ErrorSample {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** The platform's error code in the body, if there is one. */
  readonly code?: number
  readonly class: ErrorClass
  /** The generation of the platform that gives this answer. */
  readonly regime: 'classic' | 'current' | 'both'
  /**
   * `documented` by the platform or `observed` on it, word for word; `inferred` when only the meaning is known and the
   * wording is ours.
   */
  readonly source: 'documented' | 'observed' | 'inferred'
}

/** The facts about a sample beside its status and body. */
export type SampleFacts = readonly [
  errorClass: ErrorClass,
  source: ErrorSample['source'],
  regime?: ErrorSample['regime'],
]

const json = 'application/json; charset=utf-8'

/** Makes a sample with the usual body: code, message and no data. */
export function coded([status, code]: [number, number], message: string, facts: SampleFacts): ErrorSample {
  return { ...shaped(status, { code, message, data: null }, facts), code }
}

/** Makes a sample with any other JSON body. A string becomes a bare JSON string. */
export function shaped(status: number, body: unknown, facts: SampleFacts): ErrorSample {
  const sample = { ...raw(status, JSON.stringify(body), facts), contentType: json }
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined
  return typeof code === 'number' ? { ...sample, code } : sample
}

/** Makes a sample with a body that is not JSON. */
export function raw(status: number, body: string, facts: SampleFacts): ErrorSample {
  const [errorClass, source, regime = 'both'] = facts
  return { status, contentType: 'text/plain; charset=utf-8', body, class: errorClass, regime, source }
}
