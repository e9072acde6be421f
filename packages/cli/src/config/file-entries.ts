import { CliError } from '../cli-error.js'
import { catalogue } from './catalogue.js'
import { didYouMean } from './did-you-mean.js'
import { isForFiles, longName, type Setting } from './setting.js'
import type { SettingName } from './settings.js'

/** What a configuration file holds: values by the names of settings, as they are written, and what is no setting. */
export interface FileEntries {
  readonly values: ReadonlyMap<SettingName, { readonly value: unknown; readonly written: string }>
  readonly problems: readonly CliError[]
}

/** The names that a configuration file may have. */
export const fileNames: readonly SettingName[] = (Object.keys(catalogue) as SettingName[]).filter(
  (name) => name !== 'config' && isForFiles(settingOf(name)),
)

/** Sorts the content of a file into settings and problems. Names are those of `Settings`, or the long flags. */
export function fileEntries(path: string, content: unknown): FileEntries {
  const values = new Map<SettingName, { value: unknown; written: string }>()
  if (content === null || content === undefined) return { values, problems: [] }
  if (typeof content !== 'object' || Array.isArray(content)) {
    const fault = new CliError(`${path} must hold settings by name, such as port: 3838`)
    return { values, problems: [fault] }
  }
  const problems: CliError[] = []
  for (const [written, value] of Object.entries(content)) {
    const name = settingName(written)
    if (name === undefined || name === 'config') problems.push(unknownName(path, written))
    else if (!isForFiles(settingOf(name)))
      problems.push(
        new CliError(
          `${path} at ${written}: --${longName(settingOf(name))} can be given on the command line only`,
        ),
      )
    else values.set(name, { value, written })
  }
  return { values, problems }
}

/** The setting that is meant by its name or its long flag; undefined for none. */
export function settingName(written: string): SettingName | undefined {
  const name = written.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.hasOwn(catalogue, name) ? (name as SettingName) : undefined
}

/** What to do about a name that no setting has. */
export function hintForName(written: string): string {
  const meant = didYouMean(written, fileNames)
  return meant === undefined ? 'All names: sfpool config list --all' : `Did you mean ${meant}?`
}

function unknownName(path: string, written: string): CliError {
  return new CliError(`${path} at ${written}: no setting has this name`, { hint: hintForName(written) })
}

function settingOf(name: SettingName): Setting<unknown> {
  return catalogue[name]
}
