import { dirname } from 'node:path'
import { CliError } from '../cli-error.js'
import { catalogue } from './catalogue.js'
import type { Source } from './resolve.js'
import { isNegated, longName, variableName } from './setting.js'
import type { SettingName } from './settings.js'

/** Reads settings from the flags on the command line. */
export function flagSource(
  given: Readonly<Partial<Record<SettingName, unknown>>>,
  directory: string,
): Source {
  return {
    find(name, setting) {
      const value = given[name]
      return value === undefined ? undefined : { value, origin: `--${longName(setting)}`, directory }
    },
  }
}

/** Reads settings from variables: `SFPOOL_<FLAG>` first, then the setting's other variables. An empty variable is not set. */
export function environmentSource(
  environment: Readonly<Record<string, string | undefined>>,
  directory: string,
): Source {
  return {
    find(_name, setting) {
      if (setting.isFlagOnly === true) return undefined
      for (const variable of [variableName(setting), ...(setting.variables ?? [])]) {
        const value = variableText(environment, variable)
        if (value === undefined) continue
        return { value: isNegated(setting) ? negate(value) : value, origin: variable, directory }
      }
      return undefined
    },
  }
}

/**
 * Reads settings from the content of a file. Names are those of `Settings`, or the long flags. Throws a `CliError` that
 * names the file when the content is not an object, has an unknown name, or gives a consent that a file cannot give.
 */
export function fileSource(path: string, content: unknown): Source {
  if (content === null || content === undefined) return { find: () => undefined }
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new CliError(`${path} must hold settings by name, such as port: 3838`)
  }
  const values = new Map<string, { value: unknown; written: string }>()
  for (const [written, value] of Object.entries(content)) {
    const name = camelCase(written)
    const setting = Object.hasOwn(catalogue, name) ? catalogue[name as keyof typeof catalogue] : undefined
    if (setting === undefined || name === 'config') {
      throw new CliError(`${path} at ${written}: no setting has this name`, { hint: knownNames() })
    }
    if (setting.isConsent === true || setting.isFlagOnly === true) {
      throw new CliError(
        `${path} at ${written}: --${longName(setting)} can be given on the command line only`,
      )
    }
    values.set(name, { value, written })
  }
  return {
    find(name) {
      const entry = values.get(name)
      if (entry === undefined || entry.value === null) return undefined
      return {
        value: entry.value,
        origin: `${path} at ${entry.written}`,
        directory: dirname(path),
        file: path,
      }
    },
  }
}

function knownNames(): string {
  const names = Object.entries(catalogue).filter(([name, setting]) => name !== 'config' && !setting.isConsent)
  return `Known names: ${names.map(([name]) => name).join(', ')}`
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function negate(value: string): string {
  return /^(0|false|no|off)$/i.test(value) ? 'true' : 'false'
}

/** The text of a variable as every setting is read from one; undefined when it is empty or not set. */
export function variableText(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  const value = unquoted(environment[name]?.trim())
  return value === '' ? undefined : value
}

/** Quotes around a whole value were written for a shell. `docker --env-file` and others hand them on. */
function unquoted(value: string | undefined): string | undefined {
  const quote = value?.[0]
  const isQuoted =
    (quote === '"' || quote === "'") && value !== undefined && value.length > 1 && value.endsWith(quote)
  return isQuoted ? value.slice(1, -1).trim() : value
}
