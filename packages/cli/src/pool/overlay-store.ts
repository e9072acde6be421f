import type { Snapshot, Store, StoredKey } from '@sfpool/core'

/** A store that holds some keys in memory only, on top of another store. */
export interface OverlayStore extends Store {
  /** From now on keys with these secrets are held in memory, unless the base store has them already. */
  keepInMemory(secrets: Iterable<string>): void
  /** Whether the key with this id is held in memory. A key that was added to the base store meanwhile is not. */
  isInMemory(id: string): boolean
}

/**
 * Lays an in-memory store over `base`. Keys from a key file or the environment serve like any other key, but their
 * secrets are never written to `base`: they are gone when the process ends. Everything else goes to `base`.
 */
export function overlayStore(base: Store): OverlayStore {
  const memorySecrets = new Set<string>()
  const memoryKeys = new Map<string, StoredKey>()
  return {
    keepInMemory: (secrets) => {
      for (const secret of secrets) memorySecrets.add(secret)
    },
    isInMemory: (id) => memoryKeys.has(id),
    load: async () => withMemoryKeys(await base.load(), memoryKeys),
    putKeys: async (keys) => {
      const isInMemory = ({ id, secret }: StoredKey): boolean =>
        memorySecrets.has(secret) || memoryKeys.has(id)
      const kept = keys.filter((key) => !isInMemory(key))
      if (kept.length > 0) await base.putKeys(kept)
      for (const key of keys) if (isInMemory(key)) memoryKeys.set(key.id, key)
    },
    removeKeys: async (ids) => {
      const kept = ids.filter((id) => !memoryKeys.has(id))
      if (kept.length > 0) await base.removeKeys(kept)
      for (const id of ids) {
        const key = memoryKeys.get(id)
        if (key === undefined) continue
        memoryKeys.delete(id)
        memorySecrets.delete(key.secret)
      }
    },
    saveStates: (keys, accounts) =>
      base.saveStates(
        keys.filter(({ id }) => !memoryKeys.has(id)),
        accounts.filter(({ id }) => !memoryKeys.has(id)),
      ),
    putBalances: async (balances) => {
      const kept = balances.filter(({ id }) => !memoryKeys.has(id))
      if (kept.length > 0) await base.putBalances(kept)
    },
    // Usage sums name keys by id and hold no secret, so the spending of in-memory keys is stored too.
    addUsage: (batch) => base.addUsage(batch),
    readUsage: (range, each) => base.readUsage(range, each),
    // So does history.
    ...historyOf(base),
    // Owners hold no secret and outlive this process: an in-memory key finds its resources again next time.
    putOwners: (owners) => base.putOwners(owners),
    ownersOf: (ids) => base.ownersOf(ids),
    forgetOwners: (ids) => base.forgetOwners(ids),
    ...(base.records && { records: base.records }),
    ...(base.watch && { watch: base.watch.bind(base) }),
    ...requestsOf(base),
    revision: () => base.revision(),
    close: () => base.close(),
  }
}

/** What the base store can do; a pool keeps the history of a store that cannot in memory. */
function historyOf(base: Store): Pick<Store, 'addHistory' | 'readHistory'> {
  if (base.addHistory === undefined || base.readHistory === undefined) return {}
  return { addHistory: base.addHistory.bind(base), readHistory: base.readHistory.bind(base) }
}

/** What the base store can do; a pool keeps the request log of a store that cannot in memory. */
function requestsOf(base: Store): Pick<Store, 'addRequests' | 'readRequests'> {
  if (base.addRequests === undefined || base.readRequests === undefined) return {}
  return { addRequests: base.addRequests.bind(base), readRequests: base.readRequests.bind(base) }
}

/** The snapshot with the in-memory keys. A key that was added to the base store meanwhile leaves memory. */
function withMemoryKeys(snapshot: Snapshot, memoryKeys: Map<string, StoredKey>): Snapshot {
  if (memoryKeys.size === 0) return snapshot
  const kept = new Set(snapshot.keys.map(({ secret }) => secret))
  for (const [id, key] of memoryKeys) if (kept.has(key.secret)) memoryKeys.delete(id)
  return { ...snapshot, keys: [...snapshot.keys, ...memoryKeys.values()] }
}
