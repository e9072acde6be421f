import { ConfigError } from '../errors.js'

/**
 * Removes trailing slashes and gives a bare origin `/v1`, which every OpenAI-compatible API has. Throws a `ConfigError`
 * for anything but an http or https URL of origin and path.
 */
export function normalizeBaseURL(baseURL: string): string {
  const bare = bareBaseURL(baseURL)
  return new URL(bare).pathname === '/' ? `${bare}/v1` : bare
}

/** Removes trailing slashes. Throws a `ConfigError` as `normalizeBaseURL` does. */
export function bareBaseURL(baseURL: string): string {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ConfigError('baseURL', 'must be an http or https URL', baseURL)
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigError('baseURL', 'must hold neither credentials, query nor fragment', url.origin)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
