import { checkOwnerLimit } from '../owner-limit.js'
import type { Store } from '../store.js'
import { StoreListeners } from '../store-listeners.js'
import type { StoredBalance } from '../stored-usage.js'
import { memoryHistory } from './memory-history.js'
import { MemoryKeys } from './memory-keys.js'
import { MemoryOwners } from './memory-owners.js'
import { MemoryRecords } from './memory-records.js'
import { memoryRequests } from './memory-requests.js'
import { MemoryUsage } from './memory-usage.js'

export interface MemoryStoreOptions {
  /** The number of owners of files, batches, videos and voices that are remembered. @default 1000000 */
  readonly ownerLimit?: number
}

/**
 * Keeps everything in this process: for tests, short scripts and pools whose keys come from elsewhere at each start.
 * Nothing outlives the process. `close` releases nothing, so a later pool with the same store finds what the earlier
 * one left.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const keys = new MemoryKeys()
  const owners = new MemoryOwners(checkOwnerLimit(options.ownerLimit))
  const usage = new MemoryUsage()
  const listeners = new StoreListeners()
  const records = new MemoryRecords(() => listeners.tell({ type: 'changed', keys: false, records: true }))
  let revision = 0
  const keysChanged = (): void => {
    revision += 1
    listeners.tell({ type: 'changed', keys: true, records: false })
  }

  const putBalances = (balances: readonly StoredBalance[]): void =>
    usage.put(balances.filter((balance) => keys.hasAccount(balance)))

  return {
    load: async () => ({ ...keys.all(), balances: usage.balances }),
    putKeys: async (given) => {
      if (keys.put(given) > 0) keysChanged()
    },
    removeKeys: async (ids) => {
      const removed = keys.remove(ids)
      for (const account of removed.accounts) usage.forgetBalance(account)
      if (removed.count > 0) keysChanged()
    },
    saveStates: async (keyList, accountList) => keys.saveStates(keyList, accountList),
    putBalances: async (given) => {
      if (given.length === 0) return
      // Copied before anything is changed, so that a list that fails half way leaves no trace.
      putBalances(given.map((balance) => Object.freeze({ ...balance })))
      keysChanged()
    },
    addUsage: async (batch) => {
      const copies = batch.usage.map((each) => Object.freeze({ ...each }))
      putBalances(batch.balances)
      return usage.add({ usage: copies, spent: batch.spent })
    },
    readUsage: async (range, each) => usage.read(range, each),
    putOwners: async (given) => owners.put(given),
    ownersOf: async (ids) => owners.of(ids),
    forgetOwners: async (ids) => owners.forget(ids),
    records,
    watch: (listener) => listeners.add(listener),
    ...memoryHistory(),
    ...memoryRequests(),
    revision: async () => revision,
    close: async () => {},
  }
}
