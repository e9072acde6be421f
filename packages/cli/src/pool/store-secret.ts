import type { SqliteStoreOptions } from '@sfpool/core/sqlite'
import type { Settings } from '../config/settings.js'
import type { Origins } from './with-origin.js'

/** The settings that say which secret opens the store. */
export interface SecretContext {
  readonly settings: Pick<Settings, 'store'> & Partial<Pick<Settings, 'secret' | 'secretFile'>>
  readonly origins: Origins
}

type GivenSecret = Pick<SqliteStoreOptions, 'secret' | 'secretName'>

/**
 * The secret that was given for the store, and where it came from; nothing when it lies beside the store. When both
 * forms are set, the nearer place wins, as everywhere: the flag, a variable, a file; in one place the secret itself.
 */
export function storeSecret({ settings, origins }: SecretContext): GivenSecret {
  const { secret, secretFile } = settings
  const isFileNearer = distance(origins.secretFile) < distance(origins.secret)
  if (secretFile !== undefined && (secret === undefined || isFileNearer))
    return { secret: { file: secretFile } }
  if (secret === undefined) return {}
  return { secret, secretName: origins.secret ?? 'the setting secret' }
}

function distance(origin: string | undefined): number {
  if (origin === undefined) return 3
  if (origin.startsWith('--')) return 0
  return / at /.test(origin) ? 2 : 1
}
