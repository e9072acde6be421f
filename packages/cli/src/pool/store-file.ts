import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { userPaths } from '../config/user-paths.js'

/** The file of the store. Throws a `CliError` for a store that is none; `done` says what was to be done with it. */
export function storeFileOf(
  { settings: { store } }: { settings: Pick<Settings, 'store'> },
  done: string,
): string {
  if (store === undefined || store.kind === 'file') return store?.path ?? userPaths().storeFile
  if (store.kind === 'libsql') {
    throw new CliError(`a store on a server cannot be ${done} from here; use the means of the server`)
  }
  throw new CliError(`a store in memory cannot be ${done}: it is gone when the process ends`)
}
