import type { KeyPool, KeyView, PoolMoney } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { environmentKeys } from '../input/environment-keys.js'
import { openOverlayPool, openPoolToEdit, openPoolToRead } from '../pool/open-pool.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { selectKeys } from '../pool/select-keys.js'
import { type AccountRow, balanceColumns, sourcesOf } from '../render/balance-table.js'
import { count, countWords } from '../render/count.js'
import { keyName } from '../render/key-name.js'
import { renderTable } from '../render/table.js'

type BalanceContext = Context<
  'refresh' | 'set' | 'topUp' | 'account' | 'baseUrl' | 'provider' | 'site' | 'sites' | 'proxy' | 'ca'
>

/** Prints the balance of each account and the total. Records a balance first if the user enters one. */
export async function balance(context: BalanceContext): Promise<ExitCode> {
  const { settings, terminal } = context
  const entered = enteredBalanceOf(context)
  if (entered !== undefined) await recordBalance(context, entered)
  await using pool = await openFor(context)
  if (settings.refresh) sayUpstream(context, pool)
  const found = await pool.balance({ refresh: settings.refresh, signal: terminal.stopping })
  if (found.accounts.length === 0)
    throw new CliError('the pool has no keys', { hint: 'Add one with: sfpool add <key>' })
  if (settings.json) context.printJson(found)
  else await printTable(context, found, pool.keys.list())
  if (terminal.stopping.aborted) return exitCodes.interrupted
  if (found.unanswered === 0) return exitCodes.ok
  context.say(`the upstream reported no balance for ${count(found.unanswered, 'account')}`)
  return exitCodes.unverified
}

/** Returns the entered balance as the pool accepts it: with a plus sign for a top-up. */
function enteredBalanceOf({ settings: { set, topUp }, args }: BalanceContext): string | undefined {
  if (set !== undefined && topUp !== undefined)
    throw new CliError('--set and --top-up cannot be combined', {
      hint: '--set is the whole balance; --top-up is the amount that was added to it',
    })
  if (set === undefined && topUp === undefined && args.length > 0)
    throw new CliError('balances are shown for all accounts, not for single keys', {
      hint: 'Enter a balance for these keys with --set <amount> or --top-up <amount>',
    })
  return topUp === undefined ? set : `+${topUp}`
}

/** Records the entered balance, once per account: money belongs to accounts, not to keys. */
async function recordBalance(context: BalanceContext, entered: string): Promise<void> {
  const { account } = context.settings
  await using pool = await openPoolToEdit(context)
  const keys = selectKeys(pool, context.args, { status: undefined, account })
  const oneOfEach = new Map(keys.map((key) => [key.account, key]))
  if (oneOfEach.size === 0) throw new CliError('no key matches', { hint: 'List the keys with: sfpool list' })
  for (const key of oneOfEach.values())
    if (entered.startsWith('+') && key.balance.amount === null)
      throw new CliError(
        `no balance is known for the account of ${keyName(key)}, so nothing can be added to it`,
        {
          hint: 'Enter the whole balance with --set',
        },
      )
  for (const { id } of oneOfEach.values()) await pool.keys.update(id, { balance: entered })
  context.say(`balance recorded for ${count(oneOfEach.size, 'account')}`)
}

/** Opens the pool. Without `--refresh` it is opened read-only, because nothing may change. */
async function openFor(context: BalanceContext): Promise<KeyPool> {
  const fromEnvironment = environmentKeys(context.terminal.environment)
  if (!context.settings.refresh) return openPoolToRead(context, fromEnvironment)
  return (await openOverlayPool(context, fromEnvironment)).pool
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
  for await (const lines of renderTable(rows, columns, { maxWidth: terminal.out.columns(), paint }))
    context.print(lines)
  const sums = Object.entries(totals).map(([currency, total]) => `${total} ${currency}`)
  context.print(`${paint.bold('TOTAL')}  ${sums.length === 0 ? 'unknown' : sums.join('  ')}`)
  context.say(`${count(rows.length, 'account')}: ${countWords(sourcesOf(accounts))}`)
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
