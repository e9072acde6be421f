import { Key, type KeyInput } from '../key/key.js'
import { revealSecret, Secret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import { defaultUpstream } from '../store/default-upstream.js'
import type { StoredKey } from '../store/store.js'
import type { KeyChanges } from './key-input.js'

/** A key's settings, as the store keeps them. */
export function storedKey(key: Key): StoredKey {
  return {
    id: key.id,
    secret: revealSecret(key.secret),
    upstream: defaultUpstream,
    account: key.accountName,
    label: key.label,
    site: key.site,
    weight: key.weight,
    enabled: key.enabled,
    addedAt: key.addedAt,
  }
}

/** A new key, as the store will keep it. */
export function newKey(
  id: string,
  input: KeyInput,
  { site, addedAt }: { readonly site: string; readonly addedAt: number },
): StoredKey {
  return {
    id,
    secret: input.secret,
    upstream: defaultUpstream,
    account: input.account ?? null,
    label: input.label ?? null,
    site: input.site ?? site,
    weight: input.weight ?? 1,
    enabled: input.enabled ?? true,
    addedAt,
  }
}

/** A stored key with the operator's changes. An account named by the key's own id stands for the key alone. */
export function changedKey(stored: StoredKey, changes: KeyChanges): StoredKey {
  const { account, label, weight, site, enabled } = changes
  return {
    ...stored,
    ...(account === undefined ? {} : { account: account === stored.id ? null : account }),
    ...(label === undefined ? {} : { label }),
    ...(weight === undefined ? {} : { weight }),
    ...(site === undefined ? {} : { site }),
    ...(enabled === undefined ? {} : { enabled }),
  }
}

/** Makes the key of a stored one, in its account. */
export function keyFrom(keyring: Keyring, stored: StoredKey, upstreamAccount: string | null = null): Key {
  const account = keyring.members.accountFor({ ...stored, accountName: stored.account, upstreamAccount })
  const key = new Key({ ...stored, accountName: stored.account, secret: new Secret(stored.secret), account })
  key.upstreamAccount = upstreamAccount
  return key
}

/** Applies stored settings to a key of the keyring. */
export function applyStored(keyring: Keyring, key: Key, stored: StoredKey): void {
  keyring.members.change(key, () => {
    key.label = stored.label
    key.weight = stored.weight
    key.site = stored.site
    key.enabled = stored.enabled
    key.accountName = stored.account
    key.account = keyring.members.accountFor(key)
  })
}
