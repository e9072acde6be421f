import { resolve } from 'node:path'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { confirm } from '../input/confirm.js'
import { isThere, requireStore } from '../pool/open-store.js'
import { sayNotice } from '../pool/say-notice.js'
import { storeFileOf } from '../pool/store-file.js'
import { storeSecret } from '../pool/store-secret.js'
import { count } from '../render/count.js'

type BackupContext = Context<'yes'>

/** Copies the store into a file, while others use it. */
export async function backup(context: BackupContext): Promise<ExitCode> {
  const { settings, args, terminal } = context
  const path = storeFileOf(context, 'backed up')
  const to = resolve(terminal.directory, args[0] ?? '')
  await requireStore(path)
  const replace = await isThere(to)
  if (replace && !settings.yes && !(await isConfirmed(context, to))) {
    context.say('nothing was written')
    return exitCodes.ok
  }
  const { backupStore } = await import('@sfpool/core/sqlite')
  const options = { path, ...storeSecret(context), onNotice: sayNotice(context.say) }
  const made = await backupStore({ ...options, to, replace })
  if (settings.json) context.printJson(made)
  else
    context.print(
      `${count(made.keys, 'key')} backed up to ${made.path}, sealed with the secret ${made.fingerprint}`,
    )
  context.say('keep the secret apart from the backup; nobody can read it without')
  return exitCodes.ok
}

function isConfirmed({ terminal }: BackupContext, path: string): Promise<boolean> {
  const refusal = new CliError(`${path} exists already`, {
    hint: 'Add --yes to replace it, or give another path',
  })
  return confirm(`Replace ${path}? [y/N] `, terminal, refusal)
}
