import { ConfigError } from '../errors.js'
import type { Provider } from './provider.js'

/** Whether the provider has such a site. */
export function checkSite(site: string | undefined, option: string, { sites }: Provider): void {
  if (site === undefined || Object.hasOwn(sites, site)) return
  throw new ConfigError(`${option}.site`, `must be one of ${Object.keys(sites).join(', ')}`, site)
}
