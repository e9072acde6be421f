import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { sortKeys } from '../keys/sort-keys.js'
import { isWanted } from '../keys/wanted.js'
import { openPoolToRead } from '../pool/open-pool.js'
import { countByStatus } from '../render/count.js'
import { keyColumns, type ListedKey } from '../render/key-table.js'
import { renderTable } from '../render/table.js'

type ListSetting = 'status' | 'account' | 'leastBalance' | 'search' | 'sort' | 'limit' | 'columns' | 'reveal'

/** Prints the stored keys. */
export async function list(context: Context<ListSetting>): Promise<ExitCode> {
  const { settings, terminal, paint } = context
  await using pool = await openPoolToRead(context)
  const all: readonly ListedKey[] = settings.reveal ? pool.keys.export() : pool.keys.list()
  const wanted = all.filter((key) => isWanted(key, settings))
  const sorted = settings.sort === undefined ? wanted : sortKeys(wanted, settings.sort)
  const keys = sorted.slice(0, settings.limit)
  if (settings.json) {
    context.printJson({ total: wanted.length, items: keys })
    return exitCodes.ok
  }
  // Columns that were asked for are all shown, however wide.
  const maxWidth = settings.columns === undefined ? terminal.out.columns() : undefined
  const columns = keyColumns(paint, terminal.now(), settings.columns)
  for await (const lines of renderTable(keys, columns, { maxWidth, paint })) context.print(lines)
  if (wanted.length === 0) context.say(emptiness(all.length))
  else {
    const left = wanted.length - keys.length
    context.say(`${countByStatus(wanted)}${left > 0 ? `; the first ${keys.length} are shown` : ''}`)
  }
  return exitCodes.ok
}

function emptiness(total: number): string {
  return total === 0 ? 'no keys yet; add one with: sfpool add <key>' : `none of the ${total} keys matches`
}
