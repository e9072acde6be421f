import { checkOwnerLimit } from '../owner-limit.js'
import type { Store, StoredAccountState, StoredKey, StoredKeyState } from '../store.js'
import type { StoredBalance } from '../stored-usage.js'
import { MemoryOwners } from './memory-owners.js'
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
  const keys = new Map<string, StoredKey>()
  const keyStates = new Map<string, StoredKeyState>()
  const accountStates = new Map<string, StoredAccountState>()
  /** The number of keys of each account. The state of an account is removed with its last key. */
  const keyCounts = new Map<string, number>()
  const owners = new MemoryOwners(checkOwnerLimit(options.ownerLimit))
  const usage = new MemoryUsage()
  let revision = 0

  const count = (key: StoredKey | undefined, change: 1 | -1): void => {
    if (key === undefined) return
    const account = key.account ?? key.id
    const next = (keyCounts.get(account) ?? 0) + change
    if (next > 0) keyCounts.set(account, next)
    else keyCounts.delete(account)
  }

  const putBalances = (balances: readonly StoredBalance[]): void =>
    usage.put(balances.filter(({ id }) => keyCounts.has(id)))

  return {
    load: async () => ({
      keys: [...keys.values()],
      keyStates: [...keyStates.values()],
      accountStates: [...accountStates.values()],
      balances: usage.balances,
    }),

    putKeys: async (given) => {
      // Copied before anything is changed, so that a list that fails half way leaves no trace.
      const copies = given.map((key) => Object.freeze({ ...key }))
      if (copies.length === 0) return
      for (const key of copies) {
        count(keys.get(key.id), -1)
        count(key, 1)
        keys.set(key.id, key)
      }
      revision += 1
    },

    removeKeys: async (ids) => {
      const removed = ids.map((id) => keys.get(id)).filter((key) => key !== undefined)
      for (const key of removed) {
        if (!keys.delete(key.id)) continue
        keyStates.delete(key.id)
        count(key, -1)
        const account = key.account ?? key.id
        if (keyCounts.has(account)) continue
        accountStates.delete(account)
        usage.forgetBalance(account)
      }
      if (removed.length > 0) revision += 1
    },

    saveStates: async (keyList, accountList) => {
      const accountCopies = accountList.map((state) =>
        Object.freeze({
          ...state,
          cooldowns: Object.freeze([...state.cooldowns]),
          quotas: Object.freeze([...state.quotas]),
        }),
      )
      const keyCopies = keyList.map((state) => Object.freeze({ ...state }))
      for (const state of keyCopies) if (keys.has(state.id)) keyStates.set(state.id, state)
      for (const state of accountCopies) if (keyCounts.has(state.id)) accountStates.set(state.id, state)
    },

    putBalances: async (given) => {
      if (given.length === 0) return
      // Copied before anything is changed, so that a list that fails half way leaves no trace.
      putBalances(given.map((balance) => Object.freeze({ ...balance })))
      revision += 1
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
    revision: async () => revision,
    close: async () => {},
  }
}
