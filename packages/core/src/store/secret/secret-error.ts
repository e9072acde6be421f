/** What is wrong with the secret of a store: it is missing, cannot be read, or does not fit. The store names itself. */
export class SecretError extends Error {
  override readonly name = 'SecretError'
}

export function secretError(message: string, cause?: unknown): SecretError {
  return new SecretError(message, cause === undefined ? undefined : { cause })
}
