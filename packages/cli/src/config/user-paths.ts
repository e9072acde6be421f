import { join } from 'node:path'
import envPaths from 'env-paths'

/** The paths of this user's configuration and keys, by the conventions of the operating system. */
export interface UserPaths {
  readonly directory: string
  readonly configFile: string
  /** The default store. */
  readonly storeFile: string
  /** The price list that is used when no setting names another. */
  readonly pricesFile: string
}

export function userPaths(): UserPaths {
  const directory = envPaths('sfpool', { suffix: '' }).config
  return {
    directory,
    configFile: join(directory, 'config.json'),
    storeFile: join(directory, 'pool.db'),
    pricesFile: join(directory, 'prices.json'),
  }
}
