import { CliError } from '../cli-error.js'
import { type DottedName, dottedName, partOf, withPart } from '../config/dotted-name.js'
import { fileEntries, fileNames, settingName } from '../config/file-entries.js'
import { resolveSetting, resolveTolerantly } from '../config/resolve.js'
import { textOf, withoutSecret } from '../config/shown-value.js'
import { entriesSource, environmentSource } from '../config/sources.js'
import { type ConfigContent, openUserConfig } from '../config/user-config.js'
import { userPaths } from '../config/user-paths.js'
import { writtenValue } from '../config/written-value.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { readPieces } from '../input/read-pieces.js'
import { tryPool } from '../pool/trial-pool.js'
import { withOrigin } from '../pool/with-origin.js'

/** Longer than any setting. */
const limitBytes = 1024 * 1024

/** Sets a setting, or a part of one, in the user's configuration file. Nothing is written when the value is wrong. */
export async function setConfig(
  context: Context,
  written: string,
  words: readonly string[],
): Promise<ExitCode> {
  const target = dottedName(written)
  const given = await wordsOf(context, target, words)
  const value = writtenValue(target, given, context.terminal.directory)
  const file = await openUserConfig(userPaths())
  const content = changed(file.content, target, value)
  const note = await checkedWith(target, content, file.path)
  file.replace(content)
  const shown = partOf(withoutSecret(target.name, target.setting, valueIn(content, target)), target.path)
  if (context.settings.json) context.printJson({ name: written, value: shown, path: file.path })
  else context.print(`${written} = ${textOf(shown)}`)
  if (note !== undefined) context.say(`note: ${note}`)
  sayNearer(context, target)
  if (target.setting.isSecret === true && words[0] !== '-')
    context.say('shells remember what is typed; with - the value is read from standard input')
  return exitCodes.ok
}

/** Takes a setting, or a part of one, out of the user's configuration file; also a name that no setting has. */
export async function unsetConfig(context: Context, written: string): Promise<ExitCode> {
  const file = await openUserConfig(userPaths())
  const isForeign = settingName(written) === undefined && Object.hasOwn(file.content, written)
  const target = isForeign ? undefined : dottedName(written)
  const content =
    target === undefined ? without(file.content, [written]) : changed(file.content, target, undefined)
  const isChanged = JSON.stringify(content) !== JSON.stringify(file.content)
  if (isChanged) file.replace(content)
  if (context.settings.json) context.printJson({ name: written, removed: isChanged, path: file.path })
  else context.print(isChanged ? `${written} is no longer set` : `${written} was not set in ${file.path}`)
  if (target !== undefined) sayNearer(context, target)
  return exitCodes.ok
}

/** A secret need not stand in the command line: `-` reads it from standard input. */
async function wordsOf(
  { terminal }: Context,
  { setting }: DottedName,
  words: readonly string[],
): Promise<readonly string[]> {
  if (setting.isSecret !== true || words.length !== 1 || words[0] !== '-') return words
  const pieces: Uint8Array[] = []
  for await (const piece of readPieces('-', terminal, limitBytes)) pieces.push(piece)
  return [Buffer.concat(pieces).toString().trim()]
}

/** The content with another value; undefined takes it out. All other content stays, also what no setting has a name for. */
function changed(content: ConfigContent, { name, path }: DottedName, value: unknown): ConfigContent {
  const keys = Object.keys(content).filter((key) => settingName(key) === name)
  const changedValue = withPart(keys[0] === undefined ? undefined : content[keys[0]], path, value)
  if (changedValue === undefined) return without(content, keys)
  const [key = name, ...doubled] = keys
  return { ...without(content, doubled), [key]: changedValue }
}

const without = (content: ConfigContent, keys: readonly string[]): ConfigContent =>
  Object.fromEntries(Object.entries(content).filter(([key]) => !keys.includes(key)))

const valueIn = (content: ConfigContent, { name }: DottedName): unknown =>
  Object.entries(content).find(([key]) => settingName(key) === name)?.[1]

/**
 * Checks a setting in the content that a file will have: by its rule, and by the pool, whose part of the settings it may
 * be. Throws a `CliError`; returns what the pool says of other settings, which may be set next.
 */
async function checkedWith(
  target: DottedName,
  content: ConfigContent,
  path: string,
): Promise<string | undefined> {
  const sources = [entriesSource(path, fileEntries(path, content))]
  const { problem } = resolveSetting(target.name, sources)
  if (problem !== undefined) throw new CliError(problem)
  const { settings } = resolveTolerantly(fileNames, [{ find: () => undefined }, ...sources])
  try {
    await tryPool(settings)
    return undefined
  } catch (error) {
    const named = withOrigin(error, {})
    const message = named instanceof Error ? named.message : String(named)
    const option = error instanceof Error ? String(Reflect.get(error, 'option')).split('.')[0] : undefined
    if (option?.toLowerCase() === target.name.toLowerCase()) throw new CliError(message, { cause: error })
    return message
  }
}

/** A variable or a nearer file goes before what was set, so that the change would seem to be without effect. */
function sayNearer({ terminal, say }: Context, { name, setting }: DottedName): void {
  const nearer = environmentSource(terminal.environment, terminal.directory).find(name, setting)
  if (nearer !== undefined) say(`note: ${nearer.origin} is set, and goes before the file`)
}
