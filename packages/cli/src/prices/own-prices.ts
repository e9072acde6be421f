import { userPaths } from '../config/user-paths.js'
import { exists, readPriceFile } from './price-file.js'

/** The user's own price list and its place. */
export interface OwnPrices {
  /** The list. It comes unchecked from the setting if that is not a path; the pool checks it then. */
  readonly list: unknown
  /** The file that holds the list; null for a list in the settings. */
  readonly path: string | null
}

/**
 * Loads the price list that overrides the pool's built-in list: from the setting `prices`, which holds the list or names
 * its file, or else from the user's `prices.json`. Returns null when there is none. Throws a `CliError` that names a file
 * that cannot be used: a user with a price list does not want other prices.
 */
export async function ownPrices(setting: unknown): Promise<OwnPrices | null> {
  if (setting !== undefined && typeof setting !== 'string') return { list: setting, path: null }
  const path = setting ?? userPaths().pricesFile
  if (setting === undefined && !(await exists(path))) return null
  return { list: await readPriceFile(path), path }
}
