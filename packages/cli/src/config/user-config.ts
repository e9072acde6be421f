import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type Conf from 'conf'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { readConfig } from './config-files.js'
import type { UserPaths } from './user-paths.js'

export type ConfigContent = Readonly<Record<string, unknown>>

/** The user's own configuration file: read as a whole, and replaced as a whole. */
export interface UserConfig {
  readonly path: string
  readonly content: ConfigContent
  /** Writes a new content: atomically, readable by its user only. */
  replace(content: ConfigContent): void
}

/** Opens the user's configuration file, which need not be there. Throws a `CliError` when it cannot be read or is no object. */
export async function openUserConfig({ directory, configFile: path }: UserPaths): Promise<UserConfig> {
  // Read by us first: a fault is then told by its place, while the parser of `conf` would quote the text around it.
  const found = existsSync(path) ? ((await readConfig(path)) ?? {}) : {}
  if (typeof found !== 'object' || Array.isArray(found))
    throw new CliError(`${path} must hold settings by name, such as {"port": 3838}`)
  return {
    path,
    content: found as ConfigContent,
    replace: await replacing(directory, path),
  }
}

async function replacing(directory: string, path: string): Promise<(content: ConfigContent) => void> {
  // Loaded here, because commands that only read must start fast.
  const { default: ConfigFile } = await import('conf')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return (content) => {
    try {
      // What is there was read above, in any form that commands read; `conf` need not read it again.
      const file: Conf<Record<string, unknown>> = new ConfigFile({
        projectName: 'sfpool',
        cwd: directory,
        configFileMode: 0o600,
        clearInvalidConfig: true,
        serialize: (value) => `${JSON.stringify(value, null, 2)}\n`,
      })
      file.store = { ...content }
    } catch (error) {
      throw new CliError(`cannot write ${path}: ${fileFailure(error)}`, { cause: error })
    }
  }
}
