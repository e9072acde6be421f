import type { KeyPool } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { type Origins, withOrigin } from './with-origin.js'

interface SelectionContext {
  readonly settings: Pick<Settings, 'selected'>
  readonly origins: Origins
}

/** The ids of the keys that the setting `selected` names. Throws a `CliError` when it is not set, or names no key. */
export async function selectedIds(
  pool: KeyPool,
  { settings, origins }: SelectionContext,
): Promise<ReadonlySet<string>> {
  const { selected } = settings
  if (selected === undefined)
    throw new CliError('--selected needs the setting selected, which names keys', {
      hint: 'Set selected in sfpool.config.yaml, or SFPOOL_SELECTED',
    })
  try {
    const keys = await pool.keys.select('selected', selected as string | readonly string[])
    return new Set(keys.map(({ id }) => id))
  } catch (error) {
    throw withOrigin(error, origins)
  }
}
