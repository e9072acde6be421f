import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { openPoolToRead } from '../pool/open-pool.js'
import { matches } from '../pool/select-keys.js'
import { countByStatus } from '../render/count.js'
import { keyColumns, type ListedKey } from '../render/key-table.js'
import { renderTable } from '../render/table.js'

type ListSetting = 'status' | 'account' | 'reveal'

/** Prints the stored keys. */
export async function list(context: Context<ListSetting>): Promise<ExitCode> {
  const { settings, terminal, paint } = context
  await using pool = await openPoolToRead(context)
  const wanted = (key: ListedKey): boolean => matches(key, settings)
  const keys: ListedKey[] = (settings.reveal ? pool.keys.export() : pool.keys.list()).filter(wanted)
  if (settings.json) {
    context.printJson({ total: keys.length, items: keys })
    return exitCodes.ok
  }
  const layout = { maxWidth: terminal.out.columns(), paint }
  for await (const lines of renderTable(keys, keyColumns(paint, terminal.now()), layout)) context.print(lines)
  context.say(keys.length === 0 ? emptiness(pool.keys.list().length) : countByStatus(keys))
  return exitCodes.ok
}

function emptiness(total: number): string {
  return total === 0 ? 'no keys yet; add one with: sfpool add <key>' : `none of the ${total} keys matches`
}
