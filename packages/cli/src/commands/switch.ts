import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { openPoolToEdit } from '../pool/open-pool.js'
import { selectKeys } from '../pool/select-keys.js'
import { count } from '../render/count.js'
import { keyName } from '../render/key-name.js'

type SwitchSetting = 'status' | 'account'

/** Enables keys, so that they serve again. */
export function enable(context: Context<SwitchSetting>): Promise<ExitCode> {
  return setEnabled(context, true)
}

/** Disables keys. They do not serve until the operator enables them; the pool never enables them by itself. */
export function disable(context: Context<SwitchSetting>): Promise<ExitCode> {
  return setEnabled(context, false)
}

async function setEnabled(context: Context<SwitchSetting>, isEnabled: boolean): Promise<ExitCode> {
  await using pool = await openPoolToEdit(context)
  const ids = selectKeys(pool, context.args, context.settings).map((key) => key.id)
  const keys = await (isEnabled ? pool.keys.enable(ids) : pool.keys.disable(ids))
  const word = isEnabled ? 'enabled' : 'disabled'
  if (context.settings.json) context.printJson({ [word]: keys.length, keys })
  else {
    for (const key of keys) context.print(`${keyName(key)}  ${word}`)
    context.say(`${count(keys.length, 'key')} ${word}`)
  }
  return exitCodes.ok
}
