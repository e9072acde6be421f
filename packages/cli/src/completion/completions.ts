import type { CommandSpec } from '../command-spec.js'
import { commandSpecs } from '../command-specs.js'
import { catalogue } from '../config/catalogue.js'
import { tolerantFiles } from '../config/config-files.js'
import { fileNames } from '../config/file-entries.js'
import { resolveTolerantly } from '../config/resolve.js'
import { longName, type Setting } from '../config/setting.js'
import type { SettingName } from '../config/settings.js'
import { environmentSource, flagSource } from '../config/sources.js'
import { userPaths } from '../config/user-paths.js'
import { openExistingStore } from '../pool/open-store.js'
import { oneLine } from '../render/scrub.js'
import type { Terminal } from '../terminal.js'
import { type CommandLine, readCommandLine } from './command-line.js'
import { filesWanted } from './complete-command.js'

/** A word that fits, and what it is. */
interface Suggestion {
  readonly word: string
  readonly about?: string
}

/**
 * The words that fit at the cursor, one in a line, each with a tab and its meaning where it has one; `:files` where a file
 * is meant. `words` are those after the program's name up to the cursor. Never rejects.
 */
export async function completionsOf(words: readonly string[], terminal: Terminal): Promise<string[]> {
  try {
    const line = readCommandLine(words)
    const found = await suggestionsFor(line, terminal)
    if (found === filesWanted) return [filesWanted]
    return found
      .filter(({ word }) => word.startsWith(line.typed) && !/[\n\t]/.test(word))
      .map(({ word, about }) => `${line.lead}${word}${about === undefined ? '' : `\t${oneLine(about)}`}`)
  } catch {
    return []
  }
}

type Suggestions = readonly Suggestion[] | typeof filesWanted

async function suggestionsFor(line: CommandLine, terminal: Terminal): Promise<Suggestions> {
  const { spec, valued, typed, settings } = line
  if (valued !== undefined) return valuesOf(valued, typed)
  if (typed.startsWith('-')) return settings.map(flagSuggestion)
  if (spec === undefined)
    return commandSpecs.map(({ usage, summary }) => ({ word: firstWord(usage), about: summary }))
  return argumentsOf(spec, line, terminal)
}

async function argumentsOf(spec: CommandSpec, line: CommandLine, terminal: Terminal): Promise<Suggestions> {
  const [first, name] = line.args
  const command = firstWord(spec.usage)
  if (spec.actions !== undefined && first === undefined) return spec.actions.map((word) => ({ word }))
  if (command === 'config' && /^(?:get|set|unset)$/.test(first ?? '')) {
    if (name === undefined) return fileNames.map((word) => ({ word, about: catalogue[word].description }))
    return first === 'set' && name in catalogue ? valuesOf(name as SettingName, line.typed) : []
  }
  if (/\bids\b/.test(spec.usage)) return storedKeys(terminal)
  return /\[(?:file|keys)|<path>/.test(spec.usage) ? filesWanted : []
}

/** The values of a setting: its choices, or a file. After a comma of a list, further choices. */
async function valuesOf(name: SettingName, typed: string): Promise<Suggestions> {
  const setting: Setting<unknown> = catalogue[name]
  if (/<file>/.test(setting.flag)) return filesWanted
  if (name === 'strategy') return (await import('@sfpool/core')).strategyNames.map((word) => ({ word }))
  if (name === 'config' || name === 'store') return filesWanted
  if (typeof setting.fallback === 'boolean') return [{ word: 'true' }, { word: 'false' }]
  const earlier = /^.*,/.exec(typed)?.[0] ?? ''
  return (setting.choices ?? []).map((choice) => ({ word: `${earlier}${choice}` }))
}

function flagSuggestion(name: SettingName): Suggestion {
  const setting: Setting<unknown> = catalogue[name]
  return { word: `--${longName(setting)}`, about: setting.description }
}

/** The ids and labels of the store that a command would use. */
async function storedKeys({ environment, directory }: Terminal): Promise<Suggestion[]> {
  const files = await tolerantFiles({ asked: undefined, directory, user: userPaths() })
  const sources = [flagSource({}, directory), environmentSource(environment, directory), ...files]
  const store = await openExistingStore(resolveTolerantly(['store', 'secret', 'secretFile'], sources), 'read')
  try {
    const { keys } = await store.load()
    return keys.flatMap(({ id, label }) => [
      ...(label === null || label === undefined ? [] : [{ word: label, about: id }]),
      { word: id, ...(label === null || label === undefined ? {} : { about: label }) },
    ])
  } finally {
    await store.close()
  }
}

const firstWord = (usage: string): string => usage.split(' ')[0] ?? usage
