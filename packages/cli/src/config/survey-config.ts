import type { CliError } from '../cli-error.js'
import { catalogue } from './catalogue.js'
import { type ConfigPlaces, configPaths, readTolerantly } from './config-files.js'
import { fileNames } from './file-entries.js'
import { type ResolvedSetting, resolveSetting, type Source } from './resolve.js'
import type { Setting } from './setting.js'
import type { SettingName } from './settings.js'
import { entriesSource, environmentSource } from './sources.js'

/** A configuration file, and what is wrong with it. */
export interface SurveyedFile {
  readonly path: string
  readonly names: readonly SettingName[]
  readonly problems: readonly CliError[]
}

export interface SurveyedSetting extends ResolvedSetting {
  readonly name: SettingName
  readonly setting: Setting<unknown>
}

/** All that is configured: the files, and each setting with its value and where it came from. */
export interface ConfigSurvey {
  readonly files: readonly SurveyedFile[]
  readonly settings: readonly SurveyedSetting[]
  /** The sources from the nearest to the farthest. */
  readonly sources: readonly Source[]
}

/** Where to look: the variables and the files. */
export interface SurveyPlaces extends ConfigPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Looks at every source of settings, and reports what is wrong in place of throwing. */
export async function surveyConfig(places: SurveyPlaces): Promise<ConfigSurvey> {
  const read = await Promise.all(configPaths(places).map(readTolerantly))
  const sources = [
    environmentSource(places.environment, places.directory),
    ...read.map(({ path, entries }) => entriesSource(path, entries)),
  ]
  return {
    files: read.map(({ path, entries }) => ({
      path,
      names: [...entries.values.keys()],
      problems: entries.problems,
    })),
    settings: fileNames.map((name) => ({
      name,
      setting: catalogue[name] as Setting<unknown>,
      ...resolveSetting(name, sources),
    })),
    sources,
  }
}
