import { userPaths } from '../config/user-paths.js'
import { exists, readPriceFile } from './price-file.js'

/** The user's list of prices, and where it is. */
export interface OwnPrices {
  /** As the setting holds it where that is no path: the pool checks it then. */
  readonly list: unknown
  /** The file that it was read from; null for one that stands in the settings. */
  readonly path: string | null
}

/**
 * The list that goes before the one that comes with the pool: that of the setting `prices`, which holds it or names its
 * file, or else the user's own `prices.json`; null when there is none. Throws a `CliError` naming the file that cannot
 * be used: who wrote a list does not want other prices.
 */
export async function ownPrices(setting: unknown): Promise<OwnPrices | null> {
  if (setting !== undefined && typeof setting !== 'string') return { list: setting, path: null }
  const path = setting ?? userPaths().pricesFile
  if (setting === undefined && !(await exists(path))) return null
  return { list: await readPriceFile(path), path }
}
