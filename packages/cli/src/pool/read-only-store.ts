import type { Store } from '@sfpool/core'

const nothing = async (): Promise<void> => {}

/** Wraps a store for reading only: writes are discarded. */
export function readOnlyStore(store: Store): Store {
  return {
    load: () => store.load(),
    ownersOf: (ids) => store.ownersOf(ids),
    revision: () => store.revision(),
    close: () => store.close(),
    putKeys: nothing,
    removeKeys: nothing,
    saveStates: nothing,
    putBalances: nothing,
    addUsage: async () => [],
    readUsage: (range, each) => store.readUsage(range, each),
    addRequests: nothing,
    readRequests: async (query) => (await store.readRequests?.(query)) ?? { items: [], total: 0, next: null },
    putOwners: nothing,
    forgetOwners: nothing,
  }
}
