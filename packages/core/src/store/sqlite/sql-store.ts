import { encodedBatch } from '../record-batch.js'
import type { Records } from '../records.js'
import type { Store } from '../store.js'
import type { StoredBalance } from '../stored-usage.js'
import { accountStateRows } from './account-rows.js'
import { addSpending, balanceRows } from './balance-rows.js'
import { readEntries } from './journal-rows.js'
import { keyStateRows, readKeys, writeKeys } from './key-rows.js'
import { forgetOwners, readOwners, writeOwners } from './owner-rows.js'
import { readRecord, readRecordRevision, readRecords, writeRecords } from './record-rows.js'
import { removeKeys } from './remove-keys.js'
import { readRows, writeRows } from './rows.js'
import { raiseRevision, readRevision } from './schema.js'
import type { SealedDatabase } from './sealed-database.js'
import { addUsage, readUsage } from './usage-rows.js'

/** The store that a database of SQLite's kind keeps, wherever it is. */
export function sqlStore(
  database: SealedDatabase,
  ownerLimit: number,
): Store & { readonly records: Records } {
  return {
    ...keyOperations(database),
    ...usageOperations(database),
    ...ownerOperations(database, ownerLimit),
    records: recordOperations(database),
    async revision() {
      return numberIn(await database.rows(readRevision))
    },
    close: () => database.close(),
  }
}

/** A file of an earlier version that is only read may have no such row. */
const numberIn = ([row]: readonly Readonly<Record<string, unknown>>[]): number => Number(row?.value ?? 0)

type KeyOperations = Pick<Store, 'load' | 'putKeys' | 'removeKeys' | 'saveStates'>

function keyOperations(database: SealedDatabase): KeyOperations {
  return {
    load: () =>
      database.transaction('read', async (session) => ({
        keys: await readKeys(session, await database.opener(session), database.name),
        keyStates: await readRows(session, keyStateRows),
        accountStates: await readRows(session, accountStateRows),
        balances: await readRows(session, balanceRows),
      })),

    async putKeys(keys) {
      const given = [...keys]
      if (given.length === 0) return
      await database.transaction('durable', async (session) => {
        await writeKeys(session, await database.sealer(session), given)
        await session.write(raiseRevision)
      })
    },

    async removeKeys(ids) {
      const given = [...ids]
      if (given.length === 0) return
      await database.transaction('durable', async (session) => {
        const removedCount = await removeKeys(session, given)
        if (removedCount > 0) await session.write(raiseRevision)
      })
    },

    async saveStates(keys, accounts) {
      const givenKeys = [...keys]
      const givenAccounts = [...accounts]
      if (givenKeys.length + givenAccounts.length === 0) return
      await database.transaction('write', async (session) => {
        await writeRows(session, keyStateRows, givenKeys)
        await writeRows(session, accountStateRows, givenAccounts)
      })
    },
  }
}

type UsageOperations = Pick<Store, 'putBalances' | 'addUsage' | 'readUsage'>

function usageOperations(database: SealedDatabase): UsageOperations {
  return {
    async putBalances(balances) {
      const given = [...balances]
      if (given.length === 0) return
      await database.transaction('durable', async (session) => {
        await writeRows(session, balanceRows, given)
        await session.write(raiseRevision)
      })
    },

    async addUsage(batch) {
      const [usage, spent, balances] = [[...batch.usage], [...batch.spent], [...batch.balances]]
      if (usage.length + spent.length + balances.length === 0) return []
      return database.transaction('write', async (session): Promise<readonly StoredBalance[]> => {
        await writeRows(session, balanceRows, balances)
        await addUsage(session, usage)
        return addSpending(session, spent)
      })
    },

    readUsage: (range, each) => database.transaction('read', (session) => readUsage(session, range, each)),
  }
}

type OwnerOperations = Pick<Store, 'putOwners' | 'ownersOf' | 'forgetOwners'>

function ownerOperations(database: SealedDatabase, ownerLimit: number): OwnerOperations {
  return {
    async putOwners(owners) {
      const given = [...owners]
      if (given.length === 0) return
      await database.transaction('durable', (session) => writeOwners(session, given, ownerLimit))
    },

    ownersOf(ids) {
      const given = [...ids]
      return database.transaction('read', (session) => readOwners(session, given))
    },

    async forgetOwners(ids) {
      const given = [...ids]
      if (given.length === 0) return
      await database.transaction('durable', (session) => forgetOwners(session, given))
    },
  }
}

function recordOperations(database: SealedDatabase): Records {
  const place = database.name
  return {
    async write(batch) {
      const encoded = encodedBatch(batch)
      if (encoded.put.length + encoded.remove.length + encoded.append.length === 0) return []
      return database.transaction('durable', async (session) =>
        writeRecords(session, await database.sealer(session), encoded),
      )
    },

    get: (kind, id) =>
      database.transaction('read', async (session) =>
        readRecord(session, { opener: await database.opener(session), place }, { kind, id }),
      ),

    list: async (kind, query = {}) =>
      database.transaction('read', async (session) =>
        readRecords(session, { opener: await database.opener(session), place }, { ...query, kind }),
      ),

    readJournal: async (journal, query = {}) =>
      database.transaction('read', (session) => readEntries(session, journal, query)),

    async revision() {
      return numberIn(await database.rows(readRecordRevision))
    },
  }
}
