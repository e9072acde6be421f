import type { KeyView } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { ask } from '../input/ask.js'
import { openPoolToEdit } from '../pool/open-pool.js'
import { selectKeys } from '../pool/select-keys.js'
import { count } from '../render/count.js'
import { keyName } from '../render/key-name.js'

type RemoveSetting = 'status' | 'account' | 'yes'

/** At most this many keys are listed in the confirmation. */
const shownInQuestion = 10

/** Removes keys from the store. */
export async function remove(context: Context<RemoveSetting>): Promise<ExitCode> {
  await using pool = await openPoolToEdit(context)
  const keys = selectKeys(pool, context.args, context.settings)
  if (keys.length > 0 && !context.settings.yes && !(await isConfirmed(context, keys))) {
    context.say('no key was removed')
    return exitCodes.ok
  }
  const removed = await pool.keys.remove(keys.map((key) => key.id))
  if (context.settings.json) context.printJson({ removed, keys })
  else {
    for (const key of keys) context.print(`${keyName(key)}  removed`)
    context.say(`${count(removed, 'key')} removed`)
  }
  return exitCodes.ok
}

async function isConfirmed({ terminal }: Context<RemoveSetting>, keys: readonly KeyView[]): Promise<boolean> {
  const { input, err } = terminal
  if (input.isTTY !== true || !err.isTTY) {
    throw new CliError(`removing ${count(keys.length, 'key')} needs a confirmation`, {
      hint: 'Add --yes to remove without a confirmation',
    })
  }
  for (const key of keys.slice(0, shownInQuestion)) err.write(`  ${key.id}  ${keyName(key)}\n`)
  if (keys.length > shownInQuestion) err.write(`  and ${keys.length - shownInQuestion} more\n`)
  const answer = await ask(`Remove ${count(keys.length, 'key')} for good? [y/N] `, terminal)
  return /^y(es)?$/i.test(answer.trim())
}
