import * as v from 'valibot'
import { CliError } from '../cli-error.js'
import { count } from '../render/count.js'
import { scrub } from '../render/scrub.js'
import { catalogue } from './catalogue.js'
import type { Setting } from './setting.js'
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

/**
 * Resolves the named settings: the first source that has a setting provides its value, which is parsed and checked by
 * the setting's rule. Throws one `CliError` that lists every wrong value with its rule and its origin.
 */
export function resolveSettings<Name extends SettingName>(
  names: readonly Name[],
  sources: readonly Source[],
): Resolved<Name> {
  const values: Partial<Record<Name, unknown>> = {}
  const origins: Partial<Record<Name, string>> = {}
  const files: Partial<Record<Name, string>> = {}
  const problems: string[] = []
  for (const name of names) {
    const setting: Setting<unknown> = catalogue[name]
    const found = firstFound(name, setting, sources)
    if (found === undefined) {
      values[name] = setting.fallback
      continue
    }
    origins[name] = found.origin
    if (found.file !== undefined) files[name] = found.file
    const parsed = v.safeParse(setting.schema, found.value)
    if (parsed.success) values[name] = anchored(setting, parsed.output, found.directory)
    else problems.push(problem(name, setting, found))
  }
  if (problems.length > 0) throw new CliError(problems.join('\n'))
  return { settings: values as Pick<Settings, Name>, origins, files }
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
  const flag = setting.flag.replace(/^-\w, /, '').replace(/ <.*$/, '')
  const received = setting.isSecret === true ? describeHidden(value) : describe(value)
  return `${setting.hasNoFlag === true ? name : flag} ${setting.rule}; received ${received} (from ${origin})`
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
