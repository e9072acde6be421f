import type { Records, Store } from '@sfpool/core'

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
    addHistory: nothing,
    ...readHistory(store),
    addRequests: nothing,
    readRequests: async (query) => (await store.readRequests?.(query)) ?? { items: [], total: 0, next: null },
    putOwners: nothing,
    forgetOwners: nothing,
    ...(store.records && { records: readOnlyRecords(store.records) }),
  }
}

const readOnlyRecords = (records: Records): Records => ({
  get: (kind, id) => records.get(kind, id),
  list: (kind, query) => records.list(kind, query),
  readJournal: (journal, query) => records.readJournal(journal, query),
  revision: () => records.revision(),
  write: async () => [],
})

/** A store that keeps no history has none to read. */
function readHistory(store: Store): Required<Pick<Store, 'readHistory'>> {
  return { readHistory: async (range, each) => store.readHistory?.(range, each) }
}
