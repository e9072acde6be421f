import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import type { Source } from './resolve.js'
import { fileSource } from './sources.js'
import type { UserPaths } from './user-paths.js'

const localNames = ['sfpool.config.json', 'sfpool.config.yaml', 'sfpool.config.yml']

/**
 * The files that hold settings, nearest first: the one asked for, or else the one in the working directory; then the
 * user's own. Throws a `CliError` naming the file that cannot be read.
 */
export async function configFiles(given: {
  asked: string | undefined
  directory: string
  user: UserPaths
}): Promise<Source[]> {
  const { asked, directory, user } = given
  const local = asked ?? localNames.map((name) => join(directory, name)).find((path) => existsSync(path))
  const sources: Source[] = []
  if (local !== undefined) sources.push(fileSource(local, await readConfig(local)))
  if (existsSync(user.configFile)) sources.push(fileSource(user.configFile, await readUserConfig(user)))
  return sources
}

async function readConfig(path: string): Promise<unknown> {
  try {
    return await parseConfig(await readFile(path, 'utf8'), extname(path) === '.json')
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${firstLine(error)}`, { cause: error })
  }
}

async function parseConfig(text: string, isJson: boolean): Promise<unknown> {
  if (isJson) {
    try {
      return JSON.parse(text)
    } catch {
      // The YAML parser says line and column of the fault, where JSON.parse quotes the text around it.
    }
  }
  // Loaded only when it is needed: a command must start fast.
  const { parse } = await import('yaml')
  return parse(text)
}

async function readUserConfig(user: UserPaths): Promise<unknown> {
  try {
    // Loaded only when there is a user configuration, for the same reason as YAML.
    const { default: Conf } = await import('conf')
    return { ...new Conf<Record<string, unknown>>({ projectName: 'sfpool', cwd: user.directory }).store }
  } catch (error) {
    throw new CliError(`cannot read ${user.configFile}: ${firstLine(error)}`, { cause: error })
  }
}

/** The YAML parser quotes the text around a fault below its first line, and that text may be a secret. */
function firstLine(error: unknown): string {
  return fileFailure(error).split('\n')[0] ?? ''
}
