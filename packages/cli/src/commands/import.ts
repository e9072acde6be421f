import type { KeyView, Store } from '@sfpool/core'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { type ImportReport, importInto } from '../import/import-into.js'
import { readImport } from '../import/read-import.js'
import { openPool } from '../pool/open-pool.js'
import { openOrMakeStore, openStoreForTrial } from '../pool/open-store.js'
import { count } from '../render/count.js'
import { keyName } from '../render/key-name.js'
import { oneLine, scrub } from '../render/scrub.js'

type ImportSetting = 'importFrom' | 'dryRun' | 'account' | 'baseUrl' | 'provider' | 'site'

/** At most this many rejected entries are listed; the others are counted. */
const mostListed = 20

/** Takes keys over from a file of another system. Returns 1 when an entry was rejected. */
export async function importKeys(context: Context<ImportSetting>): Promise<ExitCode> {
  const { settings, terminal, args } = context
  const [path = '-'] = args
  const imported = await readImport(path, settings.importFrom, terminal)
  let store: Store | undefined
  await using pool = await openPool(context, {
    store: async () => {
      store = await (settings.dryRun ? openStoreForTrial(context) : openOrMakeStore(context))
      return store
    },
  })
  const report = await importInto({
    pool,
    // An opened pool has asked for its store.
    store: store as unknown as Store,
    imported,
    account: settings.account,
    now: terminal.now(),
  })
  if (settings.json) context.printJson(jsonOf(report))
  else printReport(context, report)
  return report.rejected.length > 0 ? exitCodes.shortfall : exitCodes.ok
}

function jsonOf({ added, duplicates, rejected, skipped, source, keys }: ImportReport): object {
  return { added, duplicates, rejected, keys, settings: { applied: [], skipped }, from: source }
}

function printReport(context: Context<ImportSetting>, report: ImportReport): void {
  const { paint, print, say } = context
  const { added, duplicates, rejected, skipped, source, keys } = report
  for (const key of keys.slice(0, mostListed)) print(`${keyName(key)}  added${factsOf(key)}`)
  if (keys.length > mostListed) print(`and ${count(keys.length - mostListed, 'more key')}`)
  for (const { line, reason } of rejected.slice(0, mostListed))
    print(`entry ${line}  ${paint.red('rejected')}: ${scrub(oneLine(reason))}`)
  if (rejected.length > mostListed) print(`and ${rejected.length - mostListed} more rejected`)
  for (const { name, reason } of skipped)
    print(`setting ${scrub(oneLine(name))}  ${paint.yellow('not taken over')}: ${scrub(oneLine(reason))}`)
  const what = `${added} added, ${count(duplicates, 'duplicate')}, ${rejected.length} rejected`
  say(`${what}, from ${source}${context.settings.dryRun ? '; nothing was written (--dry-run)' : ''}`)
}

function factsOf({ enabled, status, balance, requests }: KeyView): string {
  const facts = [
    ...(enabled ? [] : ['disabled']),
    ...(status === 'ready' ? [] : [status]),
    ...(balance.amount === null ? [] : [`${balance.amount} ${balance.currency}`]),
    ...(requests === 0 ? [] : [count(requests, 'request')]),
  ]
  return facts.length === 0 ? '' : `: ${facts.join(', ')}`
}
