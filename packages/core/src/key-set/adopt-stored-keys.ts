import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Key } from '../key/key.js'
import type { Keyring } from '../keyring/keyring.js'
import { BalanceTracker } from '../money/balance-tracker.js'
import type { Snapshot, StoredKey } from '../store/store.js'
import type { StoredBalance } from '../store/stored-usage.js'
import { applyStored, keyFrom } from './stored-keys.js'

/** Keys that are made, or begin to serve, in one turn of the event loop: some milliseconds of work. */
const partSize = 500

/**
 * Makes the keyring hold the keys of a snapshot; resolves with whether that changed anything. The state of keys and
 * accounts already in use is left as it is: the keyring's is newer than the store's. Many new keys are taken in parts,
 * between which requests are served; none serves before its state is restored.
 */
export async function adoptStoredKeys(keyring: Keyring, snapshot: Snapshot, now: number): Promise<boolean> {
  const ids = new Set(snapshot.keys.map(({ id }) => id))
  const removed = Array.from(keyring.keys.values()).filter(({ id }) => !ids.has(id))
  for (const key of removed) keyring.members.remove(key)
  const upstreamAccounts = new Map(snapshot.keyStates.map(({ id, upstreamAccount }) => [id, upstreamAccount]))
  const fresh = new Map<string, Key>()
  let changes = removed.length
  for (const stored of snapshot.keys) {
    const key = keyring.keys.get(stored.id)
    if (key === undefined) {
      fresh.set(stored.id, keyFrom(keyring, stored, upstreamAccounts.get(stored.id)))
      if (fresh.size % partSize === 0) await nextTurn()
    } else if (differs(key, stored)) {
      changes++
      applyStored(keyring, key, stored)
    }
  }
  restoreStates(keyring, snapshot, fresh)
  for (const balance of snapshot.balances) adoptBalance(keyring, balance, now)
  let added = 0
  for (const key of fresh.values()) {
    keyring.members.add(key)
    if (++added % partSize === 0) await nextTurn()
  }
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
    // A shared account without a name has the id of one of its keys, which need not be the key of an earlier run.
    const account = keyring.accounts.get(state.id) ?? fresh.get(state.id)?.account
    if (account === undefined || account.keys.size > 0) continue
    account.health = state.health
    const balance = balances.get(state.id)
    if (balance !== undefined) account.tracker = new BalanceTracker(balance.baseline, balance.spent)
    for (const cooldown of state.cooldowns) account.startCooldown(cooldown, 0)
    keyring.restoreQuotas(account, state.quotas)
  }
}

/** Adopts the stored balance of an account, which other processes spend too. Of two baselines the later one holds. */
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
  // An account that was just loaded keeps its stored health.
  if (at > before && account.keys.size > 0) keyring.reviewFunds(account)
  else keyring.reviewBalance(account)
}

const differs = (key: Key, stored: StoredKey): boolean =>
  key.enabled !== stored.enabled ||
  key.weight !== stored.weight ||
  key.site !== stored.site ||
  key.label !== stored.label ||
  key.accountName !== stored.account
