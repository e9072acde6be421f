import { CliError } from '../cli-error.js'
import { catalogue } from './catalogue.js'
import { hintForName, settingName } from './file-entries.js'
import { isForFiles, longName, type Setting } from './setting.js'
import type { SettingName } from './settings.js'

/** The name of a setting, and the way to a part of its structure: `queue.maxWaitMs`. */
export interface DottedName {
  readonly written: string
  readonly name: SettingName
  readonly setting: Setting<unknown>
  readonly path: readonly string[]
}

/** Splits a name at its dots; `\.` stands for a dot of a name. Throws a `CliError` for a name that no file may have. */
export function dottedName(written: string): DottedName {
  const [first = '', ...path] = written.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'))
  const name = settingName(first)
  if (name === undefined) throw new CliError(`no setting has the name ${first}`, { hint: hintForName(first) })
  const setting: Setting<unknown> = catalogue[name]
  if (name === 'config' || !isForFiles(setting))
    throw new CliError(`--${longName(setting)} can be given on the command line only`)
  if (path.length > 0 && !/<(?:json|name|mode)>/.test(setting.flag))
    throw new CliError(`${name} has no parts, so ${written} names nothing`)
  if (path.some((part) => part === ''))
    throw new CliError(`${written} has two dots in a row, or one at its end`)
  return { written, name, setting, path }
}

/** The part of a value that a path leads to; undefined when there is none. */
export function partOf(value: unknown, path: readonly string[]): unknown {
  let part = value
  for (const name of path) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return undefined
    part = Reflect.get(part, name)
  }
  return part
}

/** A copy of a value with another part; undefined takes the part away, and objects that are empty then. */
export function withPart(value: unknown, path: readonly string[], part: unknown): unknown {
  const [name, ...rest] = path
  if (name === undefined) return part
  const entries = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const changed = withPart(entries.get(name), rest, part)
  if (changed === undefined) entries.delete(name)
  else entries.set(name, changed)
  return entries.size === 0 && part === undefined ? undefined : Object.fromEntries(entries)
}
