import * as v from 'valibot'
import { CliError } from '../cli-error.js'
import { count } from '../render/count.js'
import { scrub } from '../render/scrub.js'
import { catalogue } from './catalogue.js'
import { optionName, type Setting } from './setting.js'
import type { SettingName, Settings } from './settings.js'

/** A value and the place where it was found. */
export interface Found {
  readonly value: unknown
  /** Names the place, as it follows the word "from": `--port`, `PORT`, `sfpool.config.yaml at port`. */
  readonly origin: string
  /** The directory that relative paths start from. */
  readonly directory: string
  /** The configuration file that holds it, if one does. */
  readonly file?: string
}

/** A place where settings are looked up. */
export interface Source {
  find(name: SettingName, setting: Setting<unknown>): Found | undefined
}

export interface Resolved<Name extends SettingName> {
  readonly settings: Pick<Settings, Name>
  /** Where each value came from. Settings left at their fallback are missing. */
  readonly origins: Readonly<Partial<Record<Name, string>>>
  /** The paths of the configuration files that values came from. */
  readonly files: Readonly<Partial<Record<Name, string>>>
}

/** One setting as the sources give it. */
export interface ResolvedSetting {
  /** The parsed value; the fallback when no source has one, or a wrong one. */
  readonly value: unknown
  readonly found: Found | undefined
  /** What is wrong with the value that was found: option, rule, value and origin. */
  readonly problem?: string
}

/**
 * Resolves the named settings: the first source that has a setting provides its value, which is parsed and checked by
 * the setting's rule. Throws one `CliError` that lists every wrong value with its rule and its origin.
 */
export function resolveSettings<Name extends SettingName>(
  names: readonly Name[],
  sources: readonly Source[],
): Resolved<Name> {
  return resolvedOf(names, (name) => resolveSetting(name, sources))
}

/**
 * Resolves as `resolveSettings` does, for commands that show what is wrong: of the nearest source a wrong value is thrown,
 * because the user has just written it, and those of the others are left at their fallback.
 */
export function resolveTolerantly<Name extends SettingName>(
  names: readonly Name[],
  [nearest, ...others]: readonly Source[],
): Resolved<Name> {
  return resolvedOf(names, (name) => {
    const own = resolveSetting(name, nearest === undefined ? [] : [nearest])
    if (own.found !== undefined) return own
    const { value, found } = resolveSetting(name, others)
    return { value, found }
  })
}

function resolvedOf<Name extends SettingName>(
  names: readonly Name[],
  resolve: (name: Name) => ResolvedSetting,
): Resolved<Name> {
  const values: Partial<Record<Name, unknown>> = {}
  const origins: Partial<Record<Name, string>> = {}
  const files: Partial<Record<Name, string>> = {}
  const problems: string[] = []
  for (const name of names) {
    const { value, found, problem } = resolve(name)
    values[name] = value
    if (found !== undefined) origins[name] = found.origin
    if (found?.file !== undefined) files[name] = found.file
    if (problem !== undefined) problems.push(problem)
  }
  if (problems.length > 0) throw new CliError(problems.join('\n'))
  return { settings: values as Pick<Settings, Name>, origins, files }
}

/** Resolves one setting, and says what is wrong with its value in place of throwing. */
export function resolveSetting(name: SettingName, sources: readonly Source[]): ResolvedSetting {
  const setting: Setting<unknown> = catalogue[name]
  const found = firstFound(name, setting, sources)
  if (found === undefined) return { value: setting.fallback, found }
  const parsed = v.safeParse(setting.schema, found.value)
  return parsed.success
    ? { value: anchored(setting, parsed.output, found.directory), found }
    : { value: setting.fallback, found, problem: problem(name, setting, found) }
}

function firstFound(
  name: SettingName,
  setting: Setting<unknown>,
  sources: readonly Source[],
): Found | undefined {
  for (const source of sources) {
    const found = source.find(name, setting)
    if (found !== undefined) return found
  }
  return undefined
}

function anchored(setting: Setting<unknown>, value: unknown, directory: string): unknown {
  return setting.anchor === undefined ? value : setting.anchor(value, directory)
}

function problem(name: SettingName, setting: Setting<unknown>, { value, origin }: Found): string {
  const received = describeReceived(setting, value)
  return `${optionName(name, setting)} ${setting.rule}; received ${received} (from ${origin})`
}

/** Describes a wrong value for a message; of a secret only its length. */
export function describeReceived(setting: Setting<unknown>, value: unknown): string {
  return setting.isSecret === true ? describeHidden(value) : describe(value)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = scrub(JSON.stringify(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function describeHidden(value: unknown): string {
  if (Array.isArray(value)) return value.map(describeHidden).join(' and ')
  return typeof value === 'string' ? count(value.length, 'character') : `a value of type ${typeof value}`
}
