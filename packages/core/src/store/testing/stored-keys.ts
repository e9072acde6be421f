import type { StoredKey } from '../store.js'

/** A key with obviously fake contents; every field of it depends on `n`. */
export function storedKey(n: number, changes: Partial<StoredKey> = {}): StoredKey {
  return {
    id: `key-${n}`,
    secret: `sk-fake${String(n).padStart(44, '0')}`,
    upstream: 'default',
    account: null,
    label: null,
    site: 'cn',
    weight: 1,
    enabled: true,
    addedAt: 1_700_000_000_000 + n,
    ...changes,
  }
}

export function storedKeys(from: number, count: number): StoredKey[] {
  return Array.from({ length: count }, (_, n) => storedKey(from + n))
}
