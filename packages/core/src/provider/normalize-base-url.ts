import { ConfigError } from '../errors.js'

/**
 * Removes trailing slashes and gives a bare origin `/v1`, which every OpenAI-compatible API has. Throws a `ConfigError`
 * for anything but an http or https URL of origin and path, which names the option that it came from.
 */
export function normalizeBaseURL(baseURL: string, option = 'baseURL'): string {
  const bare = bareBaseURL(baseURL, option)
  return new URL(bare).pathname === '/' ? `${bare}/v1` : bare
}

/** Removes trailing slashes. Throws a `ConfigError` as `normalizeBaseURL` does. */
export function bareBaseURL(baseURL: string, option = 'baseURL'): string {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new ConfigError(option, 'must be an http or https URL', baseURL)
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigError(option, 'must hold neither credentials, query nor fragment', url.origin)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
