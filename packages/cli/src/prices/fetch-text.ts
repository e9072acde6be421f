import { CliError } from '../cli-error.js'
import { exitCodes } from '../exit-code.js'
import { readLimited } from './read-limited.js'

export interface FetchedText {
  readonly text: string
  /** When it was last changed, in milliseconds since the Unix epoch; null when the server does not say. */
  readonly changedAt: number | null
}

/** An address as it may be shown: credentials stand before the host, and in queries. */
export function shownAddress(address: URL): string {
  return `${address.origin}${address.pathname}`
}

/**
 * What is found at an http or https address, redirects followed. Rejects with a `CliError` that ends with 3 when there
 * is no answer in time or one that is no success, with 2 when what comes is no text or too much.
 */
export async function fetchText(
  address: URL,
  { signal, timeoutMs = 30_000 }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<FetchedText> {
  const name = shownAddress(address)
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(withoutCredentials(address), {
      // A redirect to another origin loses them.
      headers: { accept: 'application/json, application/yaml, text/plain, */*', ...credentials(address) },
      signal: AbortSignal.any([signal, timeout]),
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new CliError(`${name} answered with HTTP ${response.status}`, { exitCode: exitCodes.unverified })
    }
    const changedAt = Date.parse(response.headers.get('last-modified') ?? '')
    const text = response.body === null ? '' : await readLimited(response.body, name)
    return { text, changedAt: Number.isNaN(changedAt) ? null : changedAt }
  } catch (error) {
    if (signal.aborted || error instanceof CliError) throw error
    const why = timeout.aborted ? `no whole answer within ${timeoutMs / 1_000} s` : reason(error)
    throw new CliError(`cannot read ${name}: ${why}`, { exitCode: exitCodes.unverified, cause: error })
  }
}

function withoutCredentials(address: URL): URL {
  const bare = new URL(address)
  bare.username = ''
  bare.password = ''
  return bare
}

function credentials({ username, password }: URL): { authorization: string } | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Messages of the network name hosts and ports at most; others might repeat the address. */
function reason(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined }
  return cause instanceof Error && cause.message !== '' ? cause.message : 'the network failed'
}
