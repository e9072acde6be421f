import type { Store } from '../store.js'
import type { StoredBalance } from '../stored-usage.js'
import { accountStateRows } from './account-rows.js'
import { addSpending, balanceRows } from './balance-rows.js'
import { keyStateRows, readKeys, writeKeys } from './key-rows.js'
import { forgetOwners, readOwners, writeOwners } from './owner-rows.js'
import { removeKeys } from './remove-keys.js'
import { addRequests, readRequests } from './request-rows.js'
import { readRows, writeRows } from './rows.js'
import { raiseRevision, readRevision } from './schema.js'
import { SqliteConnection } from './sqlite-connection.js'
import { checkedOptions, type SqliteStoreOptions } from './sqlite-store-options.js'
import { addUsage, readUsage } from './usage-rows.js'

/**
 * Keeps keys and their state in a SQLite file that several processes may use at once: a server and commands beside
 * it. Rejects with a `KeyPoolError` of code `store_failed` when the file cannot be used; a file of another program,
 * of a later version, or that is no database is left as it is. So is one whose secret is lost or wrong: then the error
 * has the `param` "secret". The secrets of keys are sealed with AES-256-GCM. Needs the package `@libsql/client`, an optional peer
 * dependency.
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const settings = checkedOptions(options)
  const connection = await SqliteConnection.open(settings)
  return {
    ...keyOperations(connection, settings.path),
    ...usageOperations(connection),
    ...ownerOperations(connection, settings.ownerLimit),
    ...requestOperations(connection),
    async revision() {
      return Number((await connection.first(readRevision)).value)
    },
    close: () => connection.close(),
  }
}

type KeyOperations = Pick<Store, 'load' | 'putKeys' | 'removeKeys' | 'saveStates'>

function keyOperations(connection: SqliteConnection, path: string): KeyOperations {
  return {
    load: () =>
      connection.read(async (transaction) => ({
        keys: await readKeys(transaction, await connection.opener(transaction), path),
        keyStates: await readRows(transaction, keyStateRows),
        accountStates: await readRows(transaction, accountStateRows),
        balances: await readRows(transaction, balanceRows),
      })),

    async putKeys(keys) {
      const given = [...keys]
      if (given.length === 0) return
      await connection.write(true, async (transaction) => {
        await writeKeys(transaction, await connection.sealer(transaction), given)
        await transaction.execute(raiseRevision)
      })
    },

    async removeKeys(ids) {
      const given = [...ids]
      if (given.length === 0) return
      await connection.write(true, async (transaction) => {
        const removedCount = await removeKeys(transaction, given)
        if (removedCount > 0) await transaction.execute(raiseRevision)
      })
    },

    async saveStates(keys, accounts) {
      const givenKeys = [...keys]
      const givenAccounts = [...accounts]
      if (givenKeys.length + givenAccounts.length === 0) return
      await connection.write(false, async (transaction) => {
        await writeRows(transaction, keyStateRows, givenKeys)
        await writeRows(transaction, accountStateRows, givenAccounts)
      })
    },
  }
}

type UsageOperations = Pick<Store, 'putBalances' | 'addUsage' | 'readUsage'>

function usageOperations(connection: SqliteConnection): UsageOperations {
  return {
    async putBalances(balances) {
      const given = [...balances]
      if (given.length === 0) return
      await connection.write(true, async (transaction) => {
        await writeRows(transaction, balanceRows, given)
        await transaction.execute(raiseRevision)
      })
    },

    async addUsage(batch) {
      const [usage, spent, balances] = [[...batch.usage], [...batch.spent], [...batch.balances]]
      let balancesNow: StoredBalance[] = []
      if (usage.length + spent.length + balances.length === 0) return balancesNow
      await connection.write(false, async (transaction) => {
        await writeRows(transaction, balanceRows, balances)
        await addUsage(transaction, usage)
        balancesNow = await addSpending(transaction, spent)
      })
      return balancesNow
    },

    readUsage: (range, each) => connection.read((transaction) => readUsage(transaction, range, each)),
  }
}

type OwnerOperations = Pick<Store, 'putOwners' | 'ownersOf' | 'forgetOwners'>

function ownerOperations(connection: SqliteConnection, ownerLimit: number): OwnerOperations {
  return {
    async putOwners(owners) {
      const given = [...owners]
      if (given.length === 0) return
      await connection.write(true, (transaction) => writeOwners(transaction, given, ownerLimit))
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
  }
}

type RequestOperations = Required<Pick<Store, 'addRequests' | 'readRequests'>>

function requestOperations(connection: SqliteConnection): RequestOperations {
  return {
    async addRequests(batch) {
      if (batch.entries.length === 0) return
      await connection.write(false, (transaction) => addRequests(transaction, batch))
    },

    readRequests: (query) => connection.read((transaction) => readRequests(transaction, query)),
  }
}
