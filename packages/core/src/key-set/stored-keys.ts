import type { KeyInput } from '../key/key.js'
import { Key } from '../key/key.js'
import { revealSecret, Secret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import { BalanceTracker } from '../money/balance-tracker.js'
import type { Snapshot, StoredKey } from '../store/store.js'
import type { StoredBalance } from '../store/stored-usage.js'
import type { KeyChanges } from './key-input.js'

/** What the operator said of a key, as the store keeps it. */
export function storedKey(key: Key): StoredKey {
  return {
    id: key.id,
    secret: revealSecret(key.secret),
    account: key.accountName,
    label: key.label,
    site: key.site,
    weight: key.weight,
    enabled: key.enabled,
    addedAt: key.addedAt,
  }
}

/** A key that was just given, as the store will keep it. */
export function newKey(
  id: string,
  input: KeyInput,
  { site, addedAt }: { readonly site: string; readonly addedAt: number },
): StoredKey {
  return {
    id,
    secret: input.secret,
    account: input.account ?? null,
    label: input.label ?? null,
    site: input.site ?? site,
    weight: input.weight ?? 1,
    enabled: input.enabled ?? true,
    addedAt,
  }
}

/** A stored key with the operator's changes. A key whose account bears its own id is alone in it. */
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

/** The record for a stored key, in its account. */
export function keyFrom(keyring: Keyring, stored: StoredKey, upstreamAccount: string | null = null): Key {
  const account = keyring.members.accountFor({ ...stored, accountName: stored.account, upstreamAccount })
  const key = new Key({ ...stored, accountName: stored.account, secret: new Secret(stored.secret), account })
  key.upstreamAccount = upstreamAccount
  return key
}

/** Gives a key of the keyring what the store says the operator said of it. */
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

/**
 * Makes the keyring hold the keys of a snapshot, and tells whether that changed anything. The state of keys and
 * accounts already in use is left alone: the keyring knows it better than the store does.
 */
export function adoptKeys(keyring: Keyring, snapshot: Snapshot, now: number): boolean {
  const keyRequest = new Set(snapshot.keys.map(({ id }) => id))
  const gone = Array.from(keyring.keys.values()).filter(({ id }) => !keyRequest.has(id))
  for (const key of gone) keyring.members.remove(key)
  const upstreamAccounts = new Map(snapshot.keyStates.map(({ id, upstreamAccount }) => [id, upstreamAccount]))
  const fresh = new Map<string, Key>()
  let changes = gone.length
  for (const stored of snapshot.keys) {
    const key = keyring.keys.get(stored.id)
    if (key === undefined) fresh.set(stored.id, keyFrom(keyring, stored, upstreamAccounts.get(stored.id)))
    else if (differs(key, stored)) {
      changes++
      applyStored(keyring, key, stored)
    }
  }
  restoreStates(keyring, snapshot, fresh)
  for (const balance of snapshot.balances) adoptBalance(keyring, balance, now)
  for (const key of fresh.values()) keyring.members.add(key)
  return changes + fresh.size > 0
}

function restoreStates(keyring: Keyring, snapshot: Snapshot, fresh: ReadonlyMap<string, Key>): void {
  for (const state of snapshot.keyStates) {
    const key = fresh.get(state.id)
    if (key === undefined) continue
    if (state.health.status === 'invalid' || state.health.status === 'cooling') key.health = state.health
    key.requests = state.requests
    key.successes = state.successes
    key.failures = state.failures
    key.promptTokens = state.promptTokens
    key.completionTokens = state.completionTokens
    key.usedAt = state.lastUsedAt ?? Number.NaN
  }
  const balances = new Map(snapshot.balances.map((balance) => [balance.id, balance]))
  for (const state of snapshot.accountStates) {
    // A shared account that nobody named bears the id of one of its keys, which need not be the same one as before.
    const account = keyring.accounts.get(state.id) ?? fresh.get(state.id)?.account
    if (account === undefined || account.keys.size > 0) continue
    account.health = state.health
    const balance = balances.get(state.id)
    if (balance !== undefined) account.tracker = new BalanceTracker(balance.baseline, balance.spent)
    for (const cooldown of state.cooldowns) account.startCooldown(cooldown, 0)
    keyring.restoreQuotas(account, state.quotas)
  }
}

/** What the store knows of an account's money, which other processes spend too; the later figure holds. */
function adoptBalance(keyring: Keyring, { id, baseline, spent }: StoredBalance, now: number): void {
  const account = keyring.accounts.get(id)
  if (account === undefined) return
  const { tracker } = account
  const at = baseline.at ?? 0
  const before = tracker === null ? Number.NEGATIVE_INFINITY : (tracker.baseline.at ?? 0)
  if (at < before || (at === before && tracker?.isNew === true)) return
  if (at === before) tracker?.read(spent, now)
  else account.tracker = tracker?.rebased(baseline, spent) ?? new BalanceTracker(baseline, spent)
  account.updateFunds()
  // An account that was just read from the store goes on with the health that it had.
  if (at > before && account.keys.size > 0) keyring.reviewFunds(account)
  else keyring.reviewBalance(account)
}

const differs = (key: Key, stored: StoredKey): boolean =>
  key.enabled !== stored.enabled ||
  key.weight !== stored.weight ||
  key.site !== stored.site ||
  key.label !== stored.label ||
  key.accountName !== stored.account
