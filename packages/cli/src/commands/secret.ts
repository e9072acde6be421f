import type { RotatedSecret, SqliteStoreOptions, StoreSecret } from '@sfpool/core/sqlite'
import { CliError } from '../cli-error.js'
import { variableText } from '../config/sources.js'
import { unknownAction } from '../config/unknown-action.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { requireStore } from '../pool/open-store.js'
import { sayNotice } from '../pool/say-notice.js'
import { storeFileOf } from '../pool/store-file.js'
import { storeSecret } from '../pool/store-secret.js'
import { count } from '../render/count.js'

type SecretContext = Context<'toEnv' | 'toFile'>

/** Shows the fingerprint of the store's secret, or seals the keys with another secret. */
export async function secret(context: SecretContext): Promise<ExitCode> {
  const [action] = context.args
  if (action !== 'rotate' && action !== 'fingerprint') {
    throw unknownAction('secret', action ?? '', ['rotate', 'fingerprint'])
  }
  const path = storeFileOf(context, 'sealed')
  await requireStore(path)
  return action === 'rotate' ? rotate(context, path) : showFingerprint(context, path)
}

async function showFingerprint(context: SecretContext, path: string): Promise<ExitCode> {
  const { settings, origins } = context
  if (settings.toEnv !== undefined || settings.toFile !== undefined) {
    const flag = origins.toEnv ?? origins.toFile
    throw new CliError(`${flag} is for rotate; fingerprint changes nothing`)
  }
  const { secretFingerprint } = await import('@sfpool/core/sqlite')
  const fingerprint = await secretFingerprint({ path, ...storeSecret(context) })
  if (settings.json) context.printJson({ fingerprint })
  else context.print(fingerprint)
  return exitCodes.ok
}

async function rotate(context: SecretContext, path: string): Promise<ExitCode> {
  const { settings } = context
  const target = targetOf(context)
  const { rotateSecret } = await import('@sfpool/core/sqlite')
  const before = secretBefore(context)
  const rotated = await rotateSecret({ path, ...before, ...target, onNotice: sayNotice(context.say) })
  const { keys, fingerprint, file, kept, isNew } = rotated
  if (settings.json) context.printJson({ keys, fingerprint, file, kept, isNew })
  else {
    const what = isNew ? 'sealed with another secret' : 'were sealed with this secret already'
    context.print(`${count(keys, 'key')} ${what}, fingerprint ${fingerprint}`)
  }
  for (const line of nextSteps(context, rotated, before)) context.say(line)
  return exitCodes.ok
}

/** Where the new secret is; nothing for a new file beside the store. */
function targetOf({ settings: { toEnv, toFile }, terminal }: SecretContext): {
  to?: StoreSecret
  toName?: string
} {
  if (toEnv !== undefined && toFile !== undefined) {
    throw new CliError('--to-env and --to-file cannot be combined', { hint: 'Remove one of them' })
  }
  if (toFile !== undefined) return { to: { file: toFile } }
  if (toEnv === undefined) return {}
  const to = variableText(terminal.environment, toEnv)
  if (to === undefined) {
    throw new CliError(`--to-env ${toEnv}: this variable is not set`, {
      hint: `Set it to the new secret, such as: ${toEnv}="$(openssl rand -base64 32)"`,
    })
  }
  return { to, toName: toEnv }
}

/** The secret of before. A variable that holds the new one does not hold that of before. */
function secretBefore({
  settings,
  origins,
}: SecretContext): Pick<SqliteStoreOptions, 'secret' | 'secretName'> {
  const isTaken = origins.secret !== undefined && origins.secret === settings.toEnv
  return storeSecret({ settings: isTaken ? { ...settings, secret: undefined } : settings, origins })
}

/** What the user must do, so that the next command finds the new secret. */
function nextSteps(
  { settings, origins }: SecretContext,
  { file, kept }: RotatedSecret,
  before: Pick<SqliteStoreOptions, 'secret'>,
): string[] {
  const steps: string[] = []
  if (file === null && settings.toEnv !== origins.secret) {
    steps.push(`from now on give the value of ${settings.toEnv} as SFPOOL_SECRET`)
  }
  if (settings.toFile !== undefined)
    steps.push(`from now on give --secret-file ${file} or SFPOOL_SECRET_FILE`)
  if (settings.toFile === undefined && file !== null && before.secret !== undefined) {
    const old = typeof before.secret === 'string' ? origins.secret : origins.secretFile
    steps.push(`the new secret is in ${file}; remove ${old}, which holds that of before`)
  }
  if (kept !== null) steps.push(`other stores in this folder may need the secret of before: kept as ${kept}`)
  steps.push('backups made before open with the secret of before')
  return steps
}
