import { ConfigError } from '../errors.js'
import type { Provider } from './provider.js'

/** Throws a `ConfigError` for a site that the provider does not have. */
export function checkSite(site: string | undefined, option: string, { sites }: Provider): void {
  if (site === undefined || Object.hasOwn(sites, site)) return
  throw new ConfigError(`${option}.site`, `must be one of ${Object.keys(sites).join(', ')}`, site)
}
