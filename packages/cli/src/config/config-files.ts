import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { CliError } from '../cli-error.js'
import { fileFailure } from '../input/file-failure.js'
import { readText } from '../input/read-text.js'
import { type FileEntries, fileEntries } from './file-entries.js'
import type { Source } from './resolve.js'
import { entriesSource, fileSource } from './sources.js'
import type { UserPaths } from './user-paths.js'

const localNames = ['sfpool.config.json', 'sfpool.config.yaml', 'sfpool.config.yml']

/** Where files with settings are looked for. */
export interface ConfigPlaces {
  /** The file that `--config` names, in place of the one in the working directory. */
  readonly asked: string | undefined
  readonly directory: string
  readonly user: UserPaths
}

/** The paths of the files that hold settings, nearest first: the requested file, or else the local one; the user's own. */
export function configPaths({ asked, directory, user }: ConfigPlaces): string[] {
  const local = asked ?? localNames.map((name) => join(directory, name)).find((path) => existsSync(path))
  const own = existsSync(user.configFile) ? [user.configFile] : []
  return [...(local === undefined ? [] : [local]), ...own]
}

/** The paths where files with settings are, or may appear while a server runs. */
export function watchedPaths({ asked, directory, user }: ConfigPlaces): string[] {
  const local = asked === undefined ? localNames.map((name) => join(directory, name)) : [asked]
  return [...local, user.configFile]
}

/** Reads the files that hold settings, nearest first. Throws a `CliError` that names a file that cannot be read. */
export async function configFiles(places: ConfigPlaces): Promise<Source[]> {
  const sources: Source[] = []
  for (const path of configPaths(places)) sources.push(fileSource(path, await readConfig(path)))
  return sources
}

/** Reads them for a command that shows what is wrong: what is no setting, or cannot be read, is left aside. */
export async function tolerantFiles(places: ConfigPlaces): Promise<Source[]> {
  const read = await Promise.all(configPaths(places).map(readTolerantly))
  return read.map(({ path, entries }) => entriesSource(path, entries))
}

/** Reads the entries of a file; one that cannot be read has none, and a problem. */
export async function readTolerantly(path: string): Promise<{ path: string; entries: FileEntries }> {
  try {
    return { path, entries: fileEntries(path, await readConfig(path)) }
  } catch (error) {
    const problem = error instanceof CliError ? error : new CliError(String(error))
    return { path, entries: { values: new Map(), problems: [problem] } }
  }
}

/** Reads the content of a file with settings: JSON or YAML. Throws a `CliError` that names the file and the fault. */
export async function readConfig(path: string): Promise<unknown> {
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

/** Returns the first line of an error: the YAML parser quotes the text around a fault below it, which may be a secret. */
function firstLine(error: unknown): string {
  return fileFailure(error).split('\n')[0] ?? ''
}
