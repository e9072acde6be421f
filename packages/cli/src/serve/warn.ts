import { stat } from 'node:fs/promises'
import { isLoopback } from '@sfpool/gateway'
import type { Settings } from '../config/settings.js'
import type { Context } from '../context.js'
import { isReadOnce } from '../input/open-file.js'
import type { AccessKeys } from './access-keys.js'

type WarnedSettings =
  | 'host'
  | 'keys'
  | 'clientKeyFile'
  | 'adminKeyFile'
  | 'clientKey'
  | 'adminKey'
  | 'proxy'
  | 'cors'
  | 'demo'
  | 'secret'
  | 'secretFile'
type WarnContext = Pick<Context, 'files' | 'origins' | 'say'> & {
  readonly settings: Pick<Settings, WarnedSettings>
}

/** A shorter key can be found by trying. */
const fewestCharacters = 16

/** Says what makes a server less safe than its operator may think. */
export async function warn(context: WarnContext, access: AccessKeys): Promise<void> {
  const { settings, say } = context
  for (const [path, name] of secretFiles(context))
    if (await canOthersRead(path))
      say(`warning: ${name} ${path} can be read by every user of this machine; run: chmod 600 ${path}`)
  for (const text of [...weakKeys(settings, access), ...weakSecret(context)]) say(`warning: ${text}`)
  if (settings.cors === true && access.clientKeys === undefined)
    say(
      'warning: --cors * without --client-key lets every web page that is open on this machine use the keys',
    )
}

function weakKeys({ host }: Pick<Settings, 'host'>, { clientKeys = [], adminKey }: AccessKeys): string[] {
  if (isLoopback(host)) return []
  const isShort = (key: string): boolean => key.length < fewestCharacters
  const why = `has fewer than ${fewestCharacters} characters and can be guessed by anyone who reaches ${host}`
  const better = 'make one with: openssl rand -hex 24'
  return [
    ...(clientKeys.some(isShort) ? [`a client key ${why}; ${better}`] : []),
    ...(adminKey !== undefined && isShort(adminKey) ? [`the admin key ${why}; ${better}`] : []),
  ]
}

/** A short secret can be found by trying, by whoever has a copy of the store. */
function weakSecret({ settings: { secret }, origins }: WarnContext): string[] {
  if (secret === undefined || secret.length >= fewestCharacters) return []
  const why = `has fewer than ${fewestCharacters} characters and can be guessed by anyone who has a copy of the store`
  return [`the secret of ${origins.secret} ${why}; change it with: sfpool secret rotate`]
}

/** The files that hold secrets, by path, with what they are: files of keys, and files that a secret was set in. */
function secretFiles({ settings, files }: WarnContext): Map<string, string> {
  const found = new Map<string, string>()
  if (settings.keys !== undefined && !settings.demo && !isReadOnce(settings.keys))
    found.set(settings.keys, '--keys')
  if (settings.clientKeyFile !== undefined) found.set(settings.clientKeyFile, '--client-key-file')
  if (settings.adminKeyFile !== undefined) found.set(settings.adminKeyFile, '--admin-key-file')
  if (settings.secretFile !== undefined) found.set(settings.secretFile, '--secret-file')
  // The proxy's URL is a secret only where it holds a login.
  const hasLogin = settings.proxy?.includes('@') === true
  const names = ['clientKey', 'adminKey', 'secret', ...(hasLogin ? (['proxy'] as const) : [])] as const
  for (const name of names) {
    const path = files[name]
    if (path !== undefined) found.set(path, 'the configuration')
  }
  return found
}

/** Windows has rights of another kind. */
async function canOthersRead(path: string): Promise<boolean> {
  if (process.platform === 'win32') return false
  try {
    const stats = await stat(path)
    return stats.isFile() && (stats.mode & 0o004) !== 0
  } catch {
    // Who cannot be asked is reported when it is read.
    return false
  }
}
