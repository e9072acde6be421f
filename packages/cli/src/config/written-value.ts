import * as v from 'valibot'
import { CliError } from '../cli-error.js'
import type { DottedName } from './dotted-name.js'
import { describeReceived } from './resolve.js'
import { optionName } from './setting.js'

/**
 * The value that a file gets for what a user wrote: numbers and switches as such, structures as JSON, paths from the root,
 * durations and sizes as they were written. Throws a `CliError` with option, rule and value when it is wrong.
 */
export function writtenValue(target: DottedName, words: readonly string[], directory: string): unknown {
  const { setting, path } = target
  const [only] = words
  if (only === undefined)
    throw new CliError(`the value is missing: sfpool config set ${target.written} <value>`)
  if (path.length > 0) return words.length === 1 ? partFrom(only) : words.map(partFrom)
  const given = words.length === 1 ? only : words
  const parsed = v.safeParse(setting.schema, given)
  if (!parsed.success) {
    const received = describeReceived(setting, given)
    throw new CliError(`${optionName(target.name, setting)} ${setting.rule}; received ${received}`)
  }
  const value = setting.anchor === undefined ? parsed.output : setting.anchor(parsed.output, directory)
  if (setting.written !== undefined) return setting.written(value)
  if (setting.anchor !== undefined || typeof value !== 'number') return value
  return /^\d+(?:\.\d+)?$/.test(only.trim()) ? value : only.trim()
}

/** A part of a structure: JSON where it is some, else text. */
function partFrom(word: string): unknown {
  try {
    return JSON.parse(word)
  } catch {
    return word
  }
}
