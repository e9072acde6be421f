/** A connection broke behind interim answers (1xx): whoever sent these was not about to send another one. */
export class NoFinalAnswerError extends Error {
  override readonly name = 'NoFinalAnswerError'

  constructor(cause: Error) {
    super(`nothing but interim answers (1xx) came: ${cause.message}`, { cause })
  }
}
