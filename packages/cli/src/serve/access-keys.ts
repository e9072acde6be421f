import { CliError } from '../cli-error.js'
import type { Settings } from '../config/settings.js'
import { fileFailure } from '../input/file-failure.js'
import { readText } from '../input/read-text.js'

type AccessSettings = Pick<Settings, 'clientKey' | 'clientKeyFile' | 'adminKey' | 'adminKeyFile'>

/** The keys that callers of a server must present. */
export interface AccessKeys {
  readonly clientKeys: readonly string[] | undefined
  readonly adminKey: string | undefined
}

/**
 * Reads the keys from the settings and from the files that they name. Throws a `CliError` for a file that cannot be
 * read or holds no key: a server must not be open because a secret is missing.
 */
export async function accessKeys(settings: AccessSettings): Promise<AccessKeys> {
  const { clientKey, clientKeyFile } = settings
  const fromFile = clientKeyFile === undefined ? [] : await keysOfFile('--client-key-file', clientKeyFile)
  const clientKeys = [...new Set([...(clientKey ?? []), ...fromFile])]
  return {
    clientKeys: clientKeys.length === 0 ? undefined : clientKeys,
    adminKey: await adminKeyOf(settings),
  }
}

/** Reads the admin key from its setting or its file. */
export async function adminKeyOf({
  adminKey,
  adminKeyFile,
}: Pick<AccessSettings, 'adminKey' | 'adminKeyFile'>): Promise<string | undefined> {
  if (adminKeyFile === undefined) return adminKey
  if (adminKey !== undefined)
    throw new CliError('--admin-key and --admin-key-file cannot be combined', { hint: 'Remove one of them' })
  const [key, ...others] = await keysOfFile('--admin-key-file', adminKeyFile)
  if (others.length > 0) throw new CliError(`--admin-key-file ${adminKeyFile} must hold one key, in one line`)
  return key
}

/** Reads one key of a line. Blank lines, and lines that begin with `#` and a blank, are passed over. */
async function keysOfFile(flag: string, path: string): Promise<string[]> {
  const keys: string[] = []
  for (const [index, line] of (await textOf(flag, path)).split(/\r\n|\r|\n/).entries()) {
    const key = line.trim()
    if (key === '' || /^#(?:\s|$)/.test(key)) continue
    if (!/^[\x21-\x7e]+$/.test(key))
      throw new CliError(
        `${flag} ${path}, line ${index + 1}: a key must be visible ASCII characters without spaces`,
      )
    keys.push(key)
  }
  if (keys.length === 0) throw new CliError(`${flag} ${path} holds no key`)
  return keys
}

async function textOf(flag: string, path: string): Promise<string> {
  try {
    return await readText(path)
  } catch (error) {
    throw new CliError(`${flag} cannot read ${path}: ${fileFailure(error)}`, { cause: error })
  }
}
