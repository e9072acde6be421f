import type { Snapshot, Store, StoredKey } from '@sfpool/core'

/** A store that also lends the pool keys it does not keep. */
export interface BorrowingStore extends Store {
  /** From now on a key with one of these secrets is borrowed, unless the store below has it already. */
  borrow(secrets: Iterable<string>): void
  /** Whether the key of that id is borrowed still: it may have been added to the store below meanwhile. */
  isBorrowed(id: string): boolean
}

/**
 * Keys that a file or the environment lends to a pool serve like any other, but no copy of them is written down: they
 * live as long as the process. Everything else goes to the store below.
 */
export function borrowingStore(base: Store): BorrowingStore {
  const borrowable = new Set<string>()
  const borrowed = new Map<string, StoredKey>()
  return {
    borrow: (secrets) => {
      for (const secret of secrets) borrowable.add(secret)
    },
    isBorrowed: (id) => borrowed.has(id),
    load: async () => withBorrowed(await base.load(), borrowed),
    putKeys: async (keys) => {
      const isBorrowed = ({ id, secret }: StoredKey): boolean => borrowable.has(secret) || borrowed.has(id)
      const kept = keys.filter((key) => !isBorrowed(key))
      if (kept.length > 0) await base.putKeys(kept)
      for (const key of keys) if (isBorrowed(key)) borrowed.set(key.id, key)
    },
    removeKeys: async (ids) => {
      const kept = ids.filter((id) => !borrowed.has(id))
      if (kept.length > 0) await base.removeKeys(kept)
      for (const id of ids) {
        const key = borrowed.get(id)
        if (key === undefined) continue
        borrowed.delete(id)
        borrowable.delete(key.secret)
      }
    },
    saveStates: (keys, accounts) =>
      base.saveStates(
        keys.filter(({ id }) => !borrowed.has(id)),
        accounts.filter(({ id }) => !borrowed.has(id)),
      ),
    putBalances: async (balances) => {
      const kept = balances.filter(({ id }) => !borrowed.has(id))
      if (kept.length > 0) await base.putBalances(kept)
    },
    // Sums name keys by their ids and hold no secret: what was spent stays known.
    addUsage: (batch) => base.addUsage(batch),
    readUsage: (range, each) => base.readUsage(range, each),
    // What an account created holds no secret, and outlives this process: lent keys find it again.
    putOwners: (owners) => base.putOwners(owners),
    ownersOf: (ids) => base.ownersOf(ids),
    forgetOwners: (ids) => base.forgetOwners(ids),
    revision: () => base.revision(),
    close: () => base.close(),
  }
}

/** A key that was added to the store below while it was lent belongs to the store. */
function withBorrowed(snapshot: Snapshot, borrowed: Map<string, StoredKey>): Snapshot {
  if (borrowed.size === 0) return snapshot
  const kept = new Set(snapshot.keys.map(({ secret }) => secret))
  for (const [id, key] of borrowed) if (kept.has(key.secret)) borrowed.delete(id)
  return { ...snapshot, keys: [...snapshot.keys, ...borrowed.values()] }
}
