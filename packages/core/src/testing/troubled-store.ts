import { KeyPoolError } from '../errors.js'
import { memoryStore } from '../store/memory/memory-store.js'
import type { Store } from '../store/store.js'

/** A memory store that fails, or takes its time, when a test wants it to. */
export interface TroubledStore extends Store {
  /** Methods that reject until they are taken off. */
  readonly broken: Set<keyof Store>
  /** Calls so far, by method. */
  readonly calls: Partial<Record<keyof Store, number>>
  /** Lets calls of a method wait; the function given back lets them go. */
  hold(method: keyof Store): () => void
}

export function troubledStore(store: Store = memoryStore()): TroubledStore {
  const broken = new Set<keyof Store>()
  const gates = new Map<keyof Store, Promise<void>>()
  const calls: Partial<Record<keyof Store, number>> = {}

  const { records } = store

  const pass = async (method: keyof Store): Promise<void> => {
    calls[method] = (calls[method] ?? 0) + 1
    await gates.get(method)
    if (broken.has(method)) throw new KeyPoolError('store_failed', `the test broke ${method}`)
  }

  return {
    broken,
    calls,
    hold(method) {
      let release = () => {}
      gates.set(
        method,
        new Promise((resolve) => {
          release = resolve
        }),
      )
      return () => {
        gates.delete(method)
        release()
      }
    },
    load: async () => {
      const snapshot = await store.load()
      await pass('load')
      return snapshot
    },
    putKeys: async (keys) => {
      await pass('putKeys')
      await store.putKeys(keys)
    },
    removeKeys: async (ids) => {
      await pass('removeKeys')
      await store.removeKeys(ids)
    },
    saveStates: async (keys, accounts) => {
      await pass('saveStates')
      await store.saveStates(keys, accounts)
    },
    putBalances: async (balances) => {
      await pass('putBalances')
      await store.putBalances(balances)
    },
    addUsage: async (batch) => {
      await pass('addUsage')
      return store.addUsage(batch)
    },
    readUsage: async (range, each) => {
      await pass('readUsage')
      await store.readUsage(range, each)
    },
    putOwners: async (owners) => {
      await pass('putOwners')
      await store.putOwners(owners)
    },
    ownersOf: async (ids) => {
      await pass('ownersOf')
      return store.ownersOf(ids)
    },
    forgetOwners: async (ids) => {
      await pass('forgetOwners')
      await store.forgetOwners(ids)
    },
    addHistory: async (batch) => {
      await pass('addHistory')
      await store.addHistory?.(batch)
    },
    readHistory: async (range, each) => {
      await pass('readHistory')
      await store.readHistory?.(range, each)
    },
    addRequests: async (batch) => {
      await pass('addRequests')
      await store.addRequests?.(batch)
    },
    readRequests: async (query) => {
      await pass('readRequests')
      return store.readRequests?.(query) ?? { items: [], total: 0, next: null }
    },
    revision: async () => {
      await pass('revision')
      return store.revision()
    },
    ...(records && { records }),
    close: async () => {
      await pass('close')
      await store.close()
    },
  }
}
