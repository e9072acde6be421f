import { MemoryRecords } from './memory/memory-records.js'
import type { Records } from './records.js'
import type { Store } from './store.js'

const inMemory = new WeakMap<Store, Records>()

/**
 * The records of a store. A store that keeps none, one that a user wrote for keys alone, gets them in memory: all
 * works, and is gone when the process ends.
 */
export function recordsOf(store: Store): Records {
  if (store.records !== undefined) return store.records
  const known = inMemory.get(store) ?? new MemoryRecords()
  inMemory.set(store, known)
  return known
}
