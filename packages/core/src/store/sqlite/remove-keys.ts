import type { Transaction } from '@libsql/client/sqlite3'
import { accountExists } from './account-rows.js'
import { inParts } from './in-parts.js'
import { decodeRows, encodeRows } from './rows.js'

/** The statements. Each takes a JSON array of ids. */
const removal = {
  /** Gives the accounts of the keys, which may be empty once the keys are removed; one column `rows`. */
  accounts: `
    SELECT CAST(json_group_array(DISTINCT coalesce(account, id)) AS BLOB) AS rows
    FROM keys WHERE id IN (SELECT value FROM json_each(?))`,
  keys: 'DELETE FROM keys WHERE id IN (SELECT value FROM json_each(?))',
  keyStates: 'DELETE FROM key_states WHERE id IN (SELECT value FROM json_each(?))',
  emptyAccounts: `
    DELETE FROM account_states WHERE id IN (SELECT value FROM json_each(?))
    AND NOT ${accountExists('account_states.id')}`,
  emptyBalances: `
    DELETE FROM balances WHERE id IN (SELECT value FROM json_each(?))
    AND NOT ${accountExists('balances.id')}`,
} as const

/** Removes keys, their states, and the states of accounts without a key. Resolves with the number of removed keys. */
export async function removeKeys(transaction: Transaction, ids: readonly string[]): Promise<number> {
  let removedCount = 0
  await inParts(ids, async (part) => {
    removedCount += await removePart(transaction, part)
  })
  return removedCount
}

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
