import type { KeyChanges, KeyView } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { openPoolToEdit } from '../pool/open-pool.js'
import { selectKeys } from '../pool/select-keys.js'
import { count } from '../render/count.js'
import { keyName } from '../render/key-name.js'

type UpdateSetting = 'label' | 'account' | 'weight' | 'site' | 'balance'

/** Changes the settings of stored keys. */
export async function update(context: Context<UpdateSetting>): Promise<ExitCode> {
  const changes = keyChanges(context.settings)
  if (Object.keys(changes).length === 0)
    throw new CliError('no change was given', {
      hint: 'Give one or more of --label, --account, --weight, --site and --balance',
    })
  await using pool = await openPoolToEdit(context)
  const found = selectKeys(pool, context.args, { status: undefined, account: undefined })
  const keys: KeyView[] = []
  for (const { id } of found) keys.push(await pool.keys.update(id, changes))
  if (context.settings.json) context.printJson({ updated: keys.length, keys })
  else {
    for (const key of keys) context.print(`${keyName(key)}  updated`)
    context.say(`${count(keys.length, 'key')} updated`)
  }
  return exitCodes.ok
}

/** The settings of a key that were given, as changes of it. */
export function keyChanges({
  label,
  account,
  weight,
  site,
  balance,
}: Pick<Settings, UpdateSetting>): KeyChanges {
  return {
    ...(label === undefined ? {} : { label }),
    ...(account === undefined ? {} : { account }),
    ...(weight === undefined ? {} : { weight }),
    ...(site === undefined ? {} : { site }),
    ...(balance === undefined ? {} : { balance }),
  }
}
