import { CliError } from '../cli-error.js'
import { exitCodes } from '../exit-code.js'

/** A running server, and the key that it wants. */
export interface ServerAddress {
  readonly url: string
  readonly adminKey: string | undefined
  readonly signal: AbortSignal
}

const timeoutMs = 10_000

/** Asks a running server. Rejects with a `CliError` that says what to do when there is no answer. */
export async function askServer({ url, adminKey, signal }: ServerAddress, path: string): Promise<unknown> {
  const response = await request(`${url.replace(/\/+(v1\/*)?$/, '')}${path}`, adminKey, signal)
  if (response.status === 401 || response.status === 403) {
    throw new CliError(`${url} requires a key`, {
      hint: path.startsWith('/admin')
        ? 'Give its admin key with --admin-key; a server that was started without one answers no such question'
        : 'Give the admin key or a client key with --admin-key',
    })
  }
  if (!response.ok) throw await refused(url, response)
  try {
    return await response.json()
  } catch {
    throw unexpectedAnswer(url)
  }
}

/** A server of ours says in words what is wrong. */
async function refused(url: string, response: Response): Promise<CliError> {
  const what = `HTTP ${response.status}`
  if (!response.headers.get('content-type')?.startsWith('application/problem+json'))
    return unexpectedAnswer(url, what)
  const body: unknown = await response.json().catch(() => null)
  const detail: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'detail') : undefined
  return typeof detail === 'string' ? new CliError(`${url}: ${detail}`) : unexpectedAnswer(url, what)
}

async function request(
  address: string,
  adminKey: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(address, {
      headers: adminKey === undefined ? {} : { authorization: `Bearer ${adminKey}` },
      // A redirect could send the key to another server.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
  } catch (error) {
    if (signal.aborted) throw error
    throw new CliError(`cannot reach ${address}: ${reason(error)}`, {
      exitCode: exitCodes.unverified,
      cause: error,
    })
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message
}

export function unexpectedAnswer(url: string, what = 'something else'): CliError {
  return new CliError(`${url} did not answer like an sfpool server, but with ${what}`, {
    exitCode: exitCodes.unverified,
  })
}
