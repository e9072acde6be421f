/** An error of the server itself, before any request has reached the gateway. */
interface ServerError {
  readonly message: string
  readonly type: 'invalid_request_error' | 'server_error'
  readonly code: string
}

/** The text of an error in OpenAI's shape. */
export const errorText = (error: ServerError): string => JSON.stringify({ error: { ...error, param: null } })
