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
  | 'cors'
  | 'demo'
type WarnContext = Pick<Context<WarnedSettings>, 'settings' | 'origins' | 'say'>

/** A shorter key can be found by trying. */
const fewestCharacters = 16

/** Says what makes a server less safe than its operator may think. */
export async function warn(context: WarnContext, access: AccessKeys): Promise<void> {
  const { settings, say } = context
  for (const [name, path] of secretFiles(context))
    if (await canOthersRead(path))
      say(`warning: ${name} ${path} can be read by every user of this machine; run: chmod 600 ${path}`)
  for (const text of weakKeys(settings, access)) say(`warning: ${text}`)
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

/** The files that hold secrets: files of keys, and the configuration file that a secret came from. */
function secretFiles({ settings, origins }: WarnContext): Map<string, string> {
  const files = new Map<string, string>()
  if (settings.keys !== undefined && !settings.demo && !isReadOnce(settings.keys))
    files.set('--keys', settings.keys)
  if (settings.clientKeyFile !== undefined) files.set('--client-key-file', settings.clientKeyFile)
  if (settings.adminKeyFile !== undefined) files.set('--admin-key-file', settings.adminKeyFile)
  for (const name of ['clientKey', 'adminKey'] as const) {
    const path = / at /.test(origins[name] ?? '') ? origins[name]?.replace(/ at [^ ]+$/, '') : undefined
    if (path !== undefined) files.set('the configuration', path)
  }
  return files
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
