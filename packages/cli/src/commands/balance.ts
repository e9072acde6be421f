import type { KeyPool, KeyView, PoolMoney } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { environmentKeys } from '../input/environment-keys.js'
import { openLendingPool, openPoolToRead } from '../pool/open-pool.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { type AccountRow, balanceColumns, sourcesOf } from '../render/balance-table.js'
import { count, tally } from '../render/count.js'
import { renderTable } from '../render/table.js'

type BalanceContext = Context<'refresh' | 'baseUrl' | 'site' | 'sites'>

/** Prints what is left on each account, and altogether. */
export async function balance(context: BalanceContext): Promise<ExitCode> {
  const { settings, terminal } = context
  await using pool = await openFor(context)
  if (settings.refresh) sayUpstream(context, pool)
  const found = await pool.balance({ refresh: settings.refresh, signal: terminal.stopping })
  if (found.accounts.length === 0)
    throw new CliError('there is no key to ask about', { hint: 'add one with: sfpool add <key>' })
  if (settings.json) context.printJson(found)
  else await printTable(context, found, pool.keys.list())
  if (terminal.stopping.aborted) return exitCodes.interrupted
  if (found.unanswered === 0) return exitCodes.ok
  context.say(`the upstream did not tell of ${count(found.unanswered, 'account')}`)
  return exitCodes.unverified
}

/** Whoever does not ask the upstream must not change anything either. */
async function openFor(context: BalanceContext): Promise<KeyPool> {
  const lent = environmentKeys(context.terminal.environment)
  if (!context.settings.refresh) return openPoolToRead(context, lent)
  return (await openLendingPool(context, lent)).pool
}

async function printTable(
  context: BalanceContext,
  { accounts, totals }: PoolMoney,
  keys: readonly KeyView[],
): Promise<void> {
  const { terminal, paint } = context
  const keysOf = groupByAccount(keys)
  const rows = accounts.map((row): AccountRow => ({ ...row, keys: keysOf.get(row.account) ?? [] }))
  const columns = balanceColumns(paint, terminal.now())
  for await (const lines of renderTable(rows, columns, { room: terminal.out.columns(), paint }))
    context.print(lines)
  const sums = Object.entries(totals).map(([currency, total]) => `${total} ${currency}`)
  context.print(`${paint.bold('TOTAL')}  ${sums.length === 0 ? 'nothing known' : sums.join('  ')}`)
  context.say(`${count(rows.length, 'account')}: ${tally(sourcesOf(accounts))}`)
}

function groupByAccount(keys: readonly KeyView[]): ReadonlyMap<string, readonly KeyView[]> {
  const groups = new Map<string, KeyView[]>()
  for (const key of keys) {
    const group = groups.get(key.account)
    if (group === undefined) groups.set(key.account, [key])
    else group.push(key)
  }
  return groups
}
