import { resolve } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Transaction } from '@libsql/client/sqlite3'
import { ConfigError } from '../../errors.js'
import { checkedOwnerLimit } from '../owner-limit.js'
import type { Store } from '../store.js'
import type { StoredBalance } from '../stored-usage.js'
import { balanceRows, spendOf } from './balance-rows.js'
import { forgetOwners, readOwners, writeOwners } from './owner-rows.js'
import {
  accountStateRows,
  decodeRows,
  encodeRows,
  keyRows,
  keyStateRows,
  type Row,
  type RowFormat,
  removal,
} from './rows.js'
import { raiseRevision, readRevision } from './schema.js'
import { inParts, partSize, SqliteConnection } from './sqlite-connection.js'
import { addUsage, readUsage } from './usage-rows.js'

export interface SqliteStoreOptions {
  /** The database file. It and its folder are created when missing, readable by their owner alone. */
  readonly path: string
  /** How long to wait for another process that is writing, in milliseconds. @default 15000 */
  readonly busyTimeoutMs?: number
  /** How the waiting is done, for tests. @default a timer */
  readonly wait?: (delayMs: number) => Promise<unknown>
  /** Owners of files, batches, videos and voices that are remembered. @default 1000000 */
  readonly ownerLimit?: number
}

const defaults = Object.freeze({
  busyTimeoutMs: 15_000,
  // Unlike the pool's own timers this one holds the process: a command that waits for a lock must not end.
  wait: (delayMs: number): Promise<unknown> => sleep(delayMs),
})

/**
 * Keeps keys and their state in a SQLite file that several processes may use at once: a server and commands beside
 * it. Rejects with a `KeyPoolError` of code `store_failed` when the file cannot be used; a file of another program,
 * of a later version, or that is no database is left as it is. Needs the package `@libsql/client`, an optional peer
 * dependency.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const settings = checked(options)
  const connection = await SqliteConnection.open(settings)

  return {
    load: () =>
      connection.read(async (transaction) => ({
        keys: await readAll(transaction, keyRows),
        keyStates: await readAll(transaction, keyStateRows),
        accountStates: await readAll(transaction, accountStateRows),
        balances: await readAll(transaction, balanceRows),
      })),

    async putKeys(keys) {
      const given = [...keys]
      if (given.length === 0) return
      await connection.write(true, async (transaction) => {
        await writeAll(transaction, keyRows, given)
        await transaction.execute(raiseRevision)
      })
    },

    async removeKeys(ids) {
      const given = [...ids]
      if (given.length === 0) return
      await connection.write(true, async (transaction) => {
        let removedCount = 0
        await inParts(given, async (part) => {
          removedCount += await removePart(transaction, part)
        })
        if (removedCount > 0) await transaction.execute(raiseRevision)
      })
    },

    async saveStates(keys, accounts) {
      const givenKeys = [...keys]
      const givenAccounts = [...accounts]
      if (givenKeys.length + givenAccounts.length === 0) return
      await connection.write(false, async (transaction) => {
        await writeAll(transaction, keyStateRows, givenKeys)
        await writeAll(transaction, accountStateRows, givenAccounts)
      })
    },

    async putBalances(balances) {
      const given = [...balances]
      if (given.length === 0) return
      await connection.write(true, async (transaction) => {
        await writeAll(transaction, balanceRows, given)
        await transaction.execute(raiseRevision)
      })
    },

    async addUsage(batch) {
      const [usage, spent, balances] = [[...batch.usage], [...batch.spent], [...batch.balances]]
      let eligibility: StoredBalance[] = []
      if (usage.length + spent.length + balances.length === 0) return eligibility
      await connection.write(false, async (transaction) => {
        await writeAll(transaction, balanceRows, balances)
        await addUsage(transaction, usage)
        eligibility = await spendOf(transaction, spent)
      })
      return eligibility
    },

    readUsage: (range, each) => connection.read((transaction) => readUsage(transaction, range, each)),

    async putOwners(owners) {
      const given = [...owners]
      if (given.length === 0) return
      await connection.write(true, (transaction) => writeOwners(transaction, given, settings.ownerLimit))
    },

    ownersOf(ids) {
      const given = [...ids]
      return connection.read((transaction) => readOwners(transaction, given))
    },

    async forgetOwners(ids) {
      const given = [...ids]
      if (given.length === 0) return
      await connection.write(true, (transaction) => forgetOwners(transaction, given))
    },

    async revision() {
      return Number((await connection.first(readRevision)).value)
    },

    close: () => connection.close(),
  }
}

function checked(options: SqliteStoreOptions): Required<SqliteStoreOptions> {
  const { path, busyTimeoutMs, wait } = options
  if (typeof path !== 'string' || path.trim() === '' || path === ':memory:' || path.includes('\0')) {
    throw new ConfigError('path', 'must name a file (memoryStore is the store that needs none)', path)
  }
  const timeoutMs = busyTimeoutMs ?? defaults.busyTimeoutMs
  if (!Number.isFinite(timeoutMs) || timeoutMs < 0) {
    throw new ConfigError('busyTimeoutMs', 'must be 0 or a number of milliseconds above it', busyTimeoutMs)
  }
  const ownerLimit = checkedOwnerLimit(options.ownerLimit)
  return { path: resolve(path), busyTimeoutMs: timeoutMs, wait: wait ?? defaults.wait, ownerLimit }
}

async function writeAll<Item>(
  transaction: Transaction,
  format: RowFormat<Item>,
  items: readonly Item[],
): Promise<void> {
  await inParts(items, async (part) => {
    await transaction.execute({ sql: format.write, args: [encodeRows(part.map(format.toRow))] })
  })
}

async function readAll<Item>(transaction: Transaction, format: RowFormat<Item>): Promise<Item[]> {
  const items: Item[] = []
  let last = 0
  for (;;) {
    const { rows } = await transaction.execute({ sql: format.read, args: [last, partSize] })
    const part = decodeRows(rows[0]?.rows) as Row[]
    for (const row of part) items.push(format.fromRow(row as never))
    if (part.length < partSize) return items
    last = Number(part.at(-1)?.[0])
    await nextTurn()
  }
}

/** Removes some keys, their states, and the states of accounts that have no key left. Returns the number of keys. */
async function removePart(transaction: Transaction, ids: readonly string[]): Promise<number> {
  const args = [encodeRows(ids)]
  const accounts = (await transaction.execute({ sql: removal.accounts, args })).rows[0]
  const { rowsAffected } = await transaction.execute({ sql: removal.keys, args })
  await transaction.execute({ sql: removal.keyStates, args })
  const accountIds = [encodeRows(decodeRows(accounts?.rows))]
  await transaction.execute({ sql: removal.emptyAccounts, args: accountIds })
  await transaction.execute({ sql: removal.emptyBalances, args: accountIds })
  return rowsAffected
}
