import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { writePrivateText } from '../input/write-private-text.js'
import { csvTable, type KeyToExport, plainText } from '../keys/export-text.js'
import { isWanted } from '../keys/wanted.js'
import { openPoolToRead } from '../pool/open-pool.js'
import { selectedIds } from '../pool/selected-ids.js'
import { count } from '../render/count.js'

type ExportSetting =
  | 'status'
  | 'account'
  | 'leastBalance'
  | 'onlySelected'
  | 'selected'
  | 'separator'
  | 'withBalance'
  | 'exportFormat'
  | 'output'
  | 'reveal'

/** Prints the stored keys for other programs: masked, unless `--reveal` asks for whole keys. */
export async function exportKeys(context: Context<ExportSetting>): Promise<ExitCode> {
  const { settings } = context
  // Which keys are selected is a filter here, and no key mode of the pool.
  await using pool = await openPoolToRead({ ...context, settings: { ...settings, selected: undefined } })
  const selected = settings.onlySelected ? await selectedIds(pool, context) : null
  const all: readonly KeyToExport[] = settings.reveal ? pool.keys.export() : pool.keys.list()
  const keys = all.filter((key) => isWanted(key, settings) && selected?.has(key.id) !== false)
  const text = textOf(context, keys)
  if (settings.output === undefined || settings.output === '-') {
    if (text !== '') context.print(text)
  } else {
    await writePrivateText(settings.output, text === '' ? '' : `${text}\n`)
    context.say(`${count(keys.length, 'key')} in ${settings.output}`)
  }
  if (keys.length === 0)
    context.say(all.length === 0 ? 'there are no keys' : `none of the ${all.length} keys matches`)
  else if (!settings.reveal) context.say('keys are masked; --reveal exports them whole')
  return exitCodes.ok
}

function textOf({ settings, terminal }: Context<ExportSetting>, keys: readonly KeyToExport[]): string {
  const format = formatOf(settings)
  if (settings.separator !== undefined && format !== 'text')
    throw new CliError(`--separator is for --format text, not for ${format}`, { hint: 'Remove one of them' })
  if (format === 'csv') return csvTable(keys, settings)
  if (format === 'json')
    return JSON.stringify({ total: keys.length, items: keys }, null, terminal.out.isTTY ? 2 : undefined)
  return plainText(keys, { separator: settings.separator ?? '\n', withBalance: settings.withBalance })
}

/** `--json` is short for `--format json`. */
const formatOf = ({ exportFormat, json }: Context<ExportSetting>['settings']): string =>
  json && exportFormat === 'text' ? 'json' : exportFormat
