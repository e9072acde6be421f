import { addHistory } from '../history/add-history.js'
import { readHistory } from '../history/read-history.js'
import { encodedBatch } from '../record-batch.js'
import type { Records } from '../records.js'
import type { Store } from '../store.js'
import type { StoredBalance } from '../stored-usage.js'
import { accountStateRows } from './account-rows.js'
import { addSpending, balanceRows } from './balance-rows.js'
import { SqliteHistoryShelf } from './history-rows.js'
import { readEntries } from './journal-rows.js'
import { keyStateRows, readKeys, writeKeys } from './key-rows.js'
import { forgetOwners, readOwners, writeOwners } from './owner-rows.js'
import { readRecord, readRecordRevision, readRecords, writeRecords } from './record-rows.js'
import { removeKeys } from './remove-keys.js'
import { addRequests, readRequests } from './request-rows.js'
import { readRows, writeRows } from './rows.js'
import { raiseRevision, readRevision } from './schema.js'
import type { SealedDatabase } from './sealed-database.js'
import type { SqlSession } from './sql-port.js'
import { type ChangeCounts, StoreWatch } from './store-watch.js'
import { addUsage, readUsage } from './usage-rows.js'

export interface SqlStoreOptions {
  readonly ownerLimit: number
  readonly watchIntervalMs: number
}

/** A store that keeps everything that a store can keep. */
export type FullStore = Store & Required<Pick<Store, 'records' | 'watch'>>

/** The store that a database of SQLite's kind keeps, wherever it is. */
export function sqlStore(database: SealedDatabase, options: SqlStoreOptions): FullStore {
  const { ownerLimit, watchIntervalMs: intervalMs } = options
  const changes = new StoreWatch({ look: () => countsIn(database), intervalMs })
  return {
    ...keyOperations(database, changes.note),
    ...usageOperations(database, changes.note),
    ...ownerOperations(database, ownerLimit),
    ...historyOperations(database),
    ...requestOperations(database),
    records: recordOperations(database, changes.note),
    watch: changes.watch,
    async revision() {
      return numberIn(await database.rows(readRevision))
    },
    close: () => {
      changes.close()
      return database.close()
    },
  }
}

type Note = StoreWatch['note']

async function countsIn(database: SealedDatabase): Promise<ChangeCounts> {
  database.assertThere()
  const [row] = await database.rows(`SELECT (${readRevision}) AS keys, (${readRecordRevision}) AS records`)
  return { keys: Number(row?.keys ?? 0), records: Number(row?.records ?? 0) }
}

/** Runs a change of keys or balances; `work` tells whether there was anything to change. */
async function change(
  database: SealedDatabase,
  note: Note,
  work: (session: SqlSession) => Promise<boolean>,
): Promise<void> {
  const keys = await database.transaction('durable', async (session) =>
    (await work(session)) ? numberIn(await session.rows(raiseRevision)) : null,
  )
  if (keys !== null) note({ keys })
}

/** A file of an earlier version that is only read may have no such row. */
const numberIn = ([row]: readonly Readonly<Record<string, unknown>>[]): number => Number(row?.value ?? 0)

type KeyOperations = Pick<Store, 'load' | 'putKeys' | 'removeKeys' | 'saveStates'>

function keyOperations(database: SealedDatabase, note: Note): KeyOperations {
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
      await change(database, note, async (session) => {
        await writeKeys(session, await database.sealer(session), given)
        return true
      })
    },

    async removeKeys(ids) {
      const given = [...ids]
      if (given.length === 0) return
      await change(database, note, async (session) => (await removeKeys(session, given)) > 0)
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

function usageOperations(database: SealedDatabase, note: Note): UsageOperations {
  return {
    async putBalances(balances) {
      const given = [...balances]
      if (given.length === 0) return
      await change(database, note, async (session) => {
        await writeRows(session, balanceRows, given)
        return true
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

function historyOperations(database: SealedDatabase): Required<Pick<Store, 'addHistory' | 'readHistory'>> {
  return {
    async addHistory(batch) {
      if (batch.blocks.length === 0) return
      await database.transaction('write', (session) => addHistory(new SqliteHistoryShelf(session), batch))
    },

    readHistory: (range, each) =>
      database.transaction('read', (session) => readHistory(new SqliteHistoryShelf(session), range, each)),
  }
}

function recordOperations(database: SealedDatabase, note: Note): Records {
  const place = database.name
  return {
    async write(batch) {
      const encoded = encodedBatch(batch)
      if (encoded.put.length + encoded.remove.length + encoded.append.length === 0) return []
      const { put, revision } = await database.transaction('durable', async (session) =>
        writeRecords(session, await database.sealer(session), encoded),
      )
      if (revision !== null) note({ records: revision })
      return put
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

type RequestOperations = Required<Pick<Store, 'addRequests' | 'readRequests'>>

function requestOperations(database: SealedDatabase): RequestOperations {
  return {
    async addRequests(batch) {
      if (batch.entries.length === 0) return
      await database.transaction('write', (session) => addRequests(session, batch))
    },

    readRequests: (query) => database.transaction('read', (session) => readRequests(session, query)),
  }
}
