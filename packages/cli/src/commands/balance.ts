import type { KeyPool, KeyView, PoolMoney } from '@sfpool/core'
import { CliError } from '../cli-error.js'
import type { Context } from '../context.js'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { environmentKeys } from '../input/environment-keys.js'
import { openOverlayPool, openPool, openPoolToRead } from '../pool/open-pool.js'
import { sayUpstream } from '../pool/say-upstream.js'
import { selectKeys } from '../pool/select-keys.js'
import { timerlessRuntime } from '../pool/timerless-runtime.js'
import { type AccountRow, balanceColumns, sourcesOf } from '../render/balance-table.js'
import { count, countWords } from '../render/count.js'
import { keyName } from '../render/key-name.js'
import { renderTable } from '../render/table.js'

type BalanceContext = Context<'refresh' | 'set' | 'topUp' | 'account' | 'baseUrl' | 'site' | 'sites'>

/** Prints what is left on each account, and altogether; notes before what the user says of some. */
export async function balance(context: BalanceContext): Promise<ExitCode> {
  const { settings, terminal } = context
  const entered = enteredBalanceOf(context)
  if (entered !== undefined) await recordBalance(context, entered)
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

/** What is to be noted, as the pool takes it: with a plus sign where it was added. */
function enteredBalanceOf({ settings: { set, topUp }, args }: BalanceContext): string | undefined {
  if (set !== undefined && topUp !== undefined)
    throw new CliError('--set and --top-up cannot be given together', {
      hint: '--set is all that is there now; --top-up is what was added to it',
    })
  if (set === undefined && topUp === undefined && args.length > 0)
    throw new CliError('what of these keys? balances are shown of all accounts', {
      hint: 'say what is there with --set <amount>, or what was added with --top-up <amount>',
    })
  return topUp === undefined ? set : `+${topUp}`
}

/** Money belongs to accounts: however many keys of one are meant, it is said once. */
async function recordBalance(context: BalanceContext, entered: string): Promise<void> {
  const { account } = context.settings
  await using pool = await openPool(context, { runtime: timerlessRuntime })
  const keys = selectKeys(pool, context.args, { status: undefined, account })
  const oneOfEach = new Map(keys.map((key) => [key.account, key]))
  if (oneOfEach.size === 0) throw new CliError('there is no such key', { hint: 'see them with: sfpool list' })
  for (const key of oneOfEach.values())
    if (entered.startsWith('+') && key.balance.amount === null)
      throw new CliError(`nobody knows what there was on the account of ${keyName(key)}`, {
        hint: 'say how much is there altogether, with --set',
      })
  for (const { id } of oneOfEach.values()) await pool.keys.update(id, { balance: entered })
  context.say(`noted for ${count(oneOfEach.size, 'account')}`)
}

/** Whoever does not ask the upstream must not change anything either. */
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
  context.print(`${paint.bold('TOTAL')}  ${sums.length === 0 ? 'nothing known' : sums.join('  ')}`)
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
