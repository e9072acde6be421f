import { join } from 'node:path'
import envPaths from 'env-paths'

/** Where this user's configuration and keys are, by the customs of the system. */
export interface UserPaths {
  readonly directory: string
  readonly configFile: string
  /** The default store. */
  readonly storeFile: string
  /** The list of prices that counts where no setting names another. */
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
