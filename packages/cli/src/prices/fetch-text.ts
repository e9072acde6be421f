import { CliError } from '../cli-error.js'
import { exitCodes } from '../exit-code.js'
import { readLimited } from './read-limited.js'

export interface FetchedText {
  readonly text: string
  /** When the text was last changed, in milliseconds since the Unix epoch; null when the server does not say. */
  readonly changedAt: number | null
}

/** Returns an address that may be shown: without its query and its user name and password. */
export function shownAddress(address: URL): string {
  return `${address.origin}${address.pathname}`
}

/**
 * Fetches text from an http or https address and follows redirects. Rejects with a `CliError` with exit code 3 when there
 * is no successful answer in time, and with exit code 2 when the answer is too large or not text.
 */
export async function fetchText(
  address: URL,
  { signal, timeoutMs = 30_000 }: { readonly signal: AbortSignal; readonly timeoutMs?: number },
): Promise<FetchedText> {
  const name = shownAddress(address)
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(withoutCredentials(address), {
      // On a redirect to another origin, fetch drops the credentials.
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
    const why = timeout.aborted ? `the answer was not complete within ${timeoutMs / 1_000} s` : reason(error)
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

/** Returns the reason of a network failure. Other messages are replaced, because they might repeat the address. */
function reason(error: unknown): string {
  const { cause } = error instanceof Error ? error : { cause: undefined }
  return cause instanceof Error && cause.message !== '' ? cause.message : 'the network failed'
}
