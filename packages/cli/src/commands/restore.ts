import { resolve } from 'node:path'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { confirm } from '../input/confirm.js'
import { isThere } from '../pool/open-store.js'
import { sayNotice } from '../pool/say-notice.js'
import { storeFileOf } from '../pool/store-file.js'
import { storeSecret } from '../pool/store-secret.js'
import { count } from '../render/count.js'

type RestoreContext = Context<'yes'>

/** Puts a backup in the place of the store. */
export async function restore(context: RestoreContext): Promise<ExitCode> {
  const { settings, args, terminal } = context
  const path = storeFileOf(context, 'restored')
  const from = resolve(terminal.directory, args[0] ?? '')
  if (!(await isThere(from))) throw new CliError(`there is no backup at ${from}`, { hint: 'Check the path' })
  const replace = await isThere(path)
  if (replace && !settings.yes && !(await isConfirmed(context, path))) {
    context.say('nothing was changed')
    return exitCodes.ok
  }
  const { restoreStore } = await import('@sfpool/core/sqlite')
  const options = { path, ...storeSecret(context), onNotice: sayNotice(context.say) }
  const restored = await restoreStore({ ...options, from, replace })
  if (settings.json) context.printJson({ ...restored, from })
  else context.print(`${count(restored.keys, 'key')} restored to ${restored.path} from ${from}`)
  return exitCodes.ok
}

function isConfirmed({ terminal }: RestoreContext, path: string): Promise<boolean> {
  const refusal = new CliError(`there is a store at ${path}, which the backup would replace`, {
    hint: 'Add --yes to replace it. Its content is lost then: sfpool backup keeps a copy',
  })
  return confirm(`Replace the store at ${path}? Its content is lost then. [y/N] `, terminal, refusal)
}
