import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { readText } from '../input/read-text.js'
import type { Source } from './resolve.js'
import { fileSource } from './sources.js'
import type { UserPaths } from './user-paths.js'

const localNames = ['sfpool.config.json', 'sfpool.config.yaml', 'sfpool.config.yml']

/**
 * Reads the files that hold settings, nearest first: the requested file, or else the file in the working directory; then
 * the user's own file. Throws a `CliError` that names a file that cannot be read.
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
    return await parseConfig(await readText(path), extname(path) === '.json')
  } catch (error) {
    throw new CliError(`cannot read ${path}: ${firstLine(error)}`, { cause: error })
  }
}

async function parseConfig(text: string, isJson: boolean): Promise<unknown> {
  if (isJson) {
    try {
      return JSON.parse(text)
    } catch {
      // The YAML parser below reports line and column of the fault; JSON.parse would quote the text around it.
    }
  }
  // Loaded only when needed, because a command must start fast.
  const { parse } = await import('yaml')
  return parse(text)
}

async function readUserConfig(user: UserPaths): Promise<unknown> {
  try {
    // Loaded only when a user configuration exists, for the same reason as the YAML parser.
    const { default: Conf } = await import('conf')
    return { ...new Conf<Record<string, unknown>>({ projectName: 'sfpool', cwd: user.directory }).store }
  } catch (error) {
    throw new CliError(`cannot read ${user.configFile}: ${firstLine(error)}`, { cause: error })
  }
}

/** Returns the first line of an error: the YAML parser quotes the text around a fault below it, which may be a secret. */
function firstLine(error: unknown): string {
  return fileFailure(error).split('\n')[0] ?? ''
}
