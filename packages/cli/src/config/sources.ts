import { dirname } from 'node:path'
import { type FileEntries, fileEntries } from './file-entries.js'
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
 * Reads settings from the content of a file. Throws a `CliError` that names the file when the content is not an object,
 * has an unknown name, or gives a consent that a file cannot give.
 */
export function fileSource(path: string, content: unknown): Source {
  const entries = fileEntries(path, content)
  const [problem] = entries.problems
  if (problem !== undefined) throw problem
  return entriesSource(path, entries)
}

/** Reads settings from the entries of a file, leaving aside what is no setting. */
export function entriesSource(path: string, { values }: FileEntries): Source {
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
