import type { UsageReport, UsageRow } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { openPool } from '../pool/open-pool.js'
import { openExistingStore } from '../pool/open-store.js'
import { readOnlyStore } from '../pool/read-only-store.js'
import { timerlessRuntime } from '../pool/timerless-runtime.js'
import { csvRow } from '../render/csv-row.js'
import { renderTable } from '../render/table.js'
import { type KeyNames, usageColumns, usageCsv } from '../render/usage-table.js'

type UsageContext = Context<
  | 'days'
  | 'firstDay'
  | 'lastDay'
  | 'usageBy'
  | 'usageFormat'
  | 'provider'
  | 'site'
  | 'baseUrl'
  | 'sites'
  | 'prices'
>

const dayMs = 86_400_000

/** Prints what calls used and cost, by day, key, account, model or client, from the store. */
export async function usage(context: UsageContext): Promise<ExitCode> {
  const store = readOnlyStore(await openExistingStore(context, 'read'))
  await using pool = await openPool(context, { store, runtime: timerlessRuntime })
  const report = await pool.usage(await queryOf(context, () => today(pool)))
  const names: KeyNames = new Map(pool.keys.list().map(({ id, key, label }) => [id, { key, label }]))
  await print(context, report, names)
  return exitCodes.ok
}

/** Today on the provider's calendar. */
async function today(pool: Awaited<ReturnType<typeof openPool>>): Promise<string> {
  return (await pool.usage({ by: [] })).to
}

type Query = NonNullable<Parameters<Awaited<ReturnType<typeof openPool>>['usage']>[0]>

async function queryOf({ settings }: UsageContext, todayOf: () => Promise<string>): Promise<Query> {
  const { days, firstDay, lastDay, usageBy: by } = settings
  const to = lastDay ?? (await todayOf())
  const from = firstDay ?? new Date(Date.parse(to) - (days - 1) * dayMs).toISOString().slice(0, 10)
  if (from > to)
    throw new CliError(`--from ${from} comes after --to ${to}`, { hint: 'Give an earlier first day' })
  const has = (...names: readonly string[]): boolean => by.some((name) => names.includes(name))
  if (has('key', 'account') && has('model', 'client'))
    throw new CliError('--by cannot mix keys or accounts with models or clients', {
      hint: 'Each is a book of its own; run the command once for each',
    })
  return { from, to, by }
}

async function print(context: UsageContext, report: UsageReport, names: KeyNames): Promise<void> {
  const { settings, terminal, paint } = context
  if (settings.json || settings.usageFormat === 'json') return context.printJson(report)
  const { rows, from, to } = report
  if (settings.usageFormat === 'csv') {
    const columns = usageCsv(settings.usageBy)
    context.print(csvRow(columns.map(({ title }) => title)))
    for (const row of rows) context.print(csvRow(columns.map(({ cell }) => cell(row))))
    return
  }
  const layout = { maxWidth: terminal.out.columns(), paint }
  for await (const lines of renderTable<UsageRow>(rows, usageColumns(names), layout)) context.print(lines)
  context.say(rows.length === 0 ? `no usage from ${from} to ${to}` : `usage from ${from} to ${to}`)
}
