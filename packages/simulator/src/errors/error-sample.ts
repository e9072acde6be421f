/** Whose fault an error is, and so who may be rested because of it. */
export type ErrorClass =
  /** The key is invalid, or its account is dead, until someone acts. */
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
  /** The platform is in trouble; another time, the same request works. */
  | 'upstream'
  /** The address of the caller is suspected of being blocked. */
  | 'ip-ban'

/** One answer of the platform, byte for byte. */
export interface ErrorSample {
  readonly status: number
  readonly contentType: string
  readonly body: string
  /** The platform's own number in the body, where there is one. */
  readonly code?: number
  readonly class: ErrorClass
  /** The generation of the platform that answers so. */
  readonly regime: 'classic' | 'current' | 'both'
  /**
   * `documented` by the platform or `observed` on it, word for word; `inferred` where only the meaning is known and
   * the wording is ours.
   */
  readonly source: 'documented' | 'observed' | 'inferred'
}

/** The facts of a sample that are not in its status and body. */
export type SampleFacts = readonly [
  errorClass: ErrorClass,
  source: ErrorSample['source'],
  regime?: ErrorSample['regime'],
]

const json = 'application/json; charset=utf-8'

/** The usual body: code, message and no data. */
export function coded([status, code]: [number, number], message: string, facts: SampleFacts): ErrorSample {
  return { ...shaped(status, { code, message, data: null }, facts), code }
}

/** A JSON body of any other shape; a string becomes a bare JSON string. */
export function shaped(status: number, body: unknown, facts: SampleFacts): ErrorSample {
  const sample = { ...raw(status, JSON.stringify(body), facts), contentType: json }
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined
  return typeof code === 'number' ? { ...sample, code } : sample
}

/** A body that is not JSON. */
export function raw(status: number, body: string, facts: SampleFacts): ErrorSample {
  const [errorClass, source, regime = 'both'] = facts
  return { status, contentType: 'text/plain; charset=utf-8', body, class: errorClass, regime, source }
}
