import { accountExists } from './account-rows.js'
import { inParts } from './in-parts.js'
import { decodeRows, encodeRows } from './rows.js'
import type { SqlSession } from './sql-port.js'

/** The statements. Each takes a JSON array: of ids of keys, or of pairs of upstream and account. */
const removal = {
  /** Gives the accounts of the keys, which may be empty once the keys are removed; one column `rows`. */
  accounts: `
    SELECT CAST(json_group_array(DISTINCT json_array(upstream, coalesce(account, id))) AS BLOB) AS rows
    FROM keys WHERE id IN (SELECT value FROM json_each(?))`,
  keys: 'DELETE FROM keys WHERE id IN (SELECT value FROM json_each(?))',
  keyStates: 'DELETE FROM key_states WHERE id IN (SELECT value FROM json_each(?))',
  emptyAccounts: `
    DELETE FROM account_states WHERE (upstream, id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))
    AND NOT ${accountExists('account_states.upstream', 'account_states.id')}`,
  emptyBalances: `
    DELETE FROM balances WHERE (upstream, id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))
    AND NOT ${accountExists('balances.upstream', 'balances.id')}`,
} as const

/** Removes keys, their states, and the states of accounts without a key. Resolves with the number of removed keys. */
export async function removeKeys(session: SqlSession, ids: readonly string[]): Promise<number> {
  let removedCount = 0
  await inParts(ids, async (part) => {
    removedCount += await removePart(session, part)
  })
  return removedCount
}

async function removePart(session: SqlSession, ids: readonly string[]): Promise<number> {
  const args = [encodeRows(ids)]
  const [accounts] = await session.rows(removal.accounts, args)
  const removedCount = await session.write(removal.keys, args)
  await session.write(removal.keyStates, args)
  const accountIds = [encodeRows(decodeRows(accounts?.rows))]
  await session.write(removal.emptyAccounts, accountIds)
  await session.write(removal.emptyBalances, accountIds)
  return removedCount
}
