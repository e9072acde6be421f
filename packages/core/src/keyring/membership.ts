import type { AccountHints, Accounts } from '../key/accounts.js'
import type { Key, KeyAccount } from '../key/key.js'
import type { Pacing } from '../limit/pacing.js'
import { type KeyMode, KeyNames } from '../selection/rules.js'
import type { Selector } from '../selection/selector.js'
import type { CooldownClock } from './cooldown-clock.js'
import type { KeyringSignals } from './keyring-options.js'

export interface MembershipParts {
  readonly keys: Map<string, Key>
  readonly accounts: Accounts
  readonly selection: Selector
  readonly clock: CooldownClock
  readonly pacing: Pacing<Key> | null
  readonly signals: Pick<KeyringSignals, 'onChange' | 'onFree'>
  /** A key was added that cools down. */
  readonly onCooling: (key: Key) => void
  /** An account was added, with the balance that the store has of it. */
  readonly onAccount: (account: KeyAccount) => void
}

/** Which keys are in the pool, which account each belongs to, and which of them the key mode lets serve. */
export class Membership {
  readonly #parts: MembershipParts
  /** The selected keys; null while the key mode lets all serve. */
  #selected: KeyNames | null = null
  #added = 0

  constructor(parts: MembershipParts) {
    this.#parts = parts
  }

  /** The account that a key belongs to, made when it is new. */
  accountFor(key: AccountHints): KeyAccount {
    return this.#parts.accounts.for(key)
  }

  /** The accounts with a key that is enabled and not refused, the oldest first. */
  usableAccounts(): string[] {
    const ids = new Set<string>()
    for (const { account, enabled, selected, health } of this.#parts.keys.values()) {
      const isUsable =
        enabled && selected && health.status !== 'invalid' && account.health.status !== 'invalid'
      if (isUsable) ids.add(account.id)
    }
    return Array.from(ids)
  }

  /** Takes a key in. One whose id is known already stays out: the known one has leases and a history. */
  add(key: Key): void {
    const { keys, selection, clock, signals } = this.#parts
    if (keys.has(key.id)) return
    key.isHeld = true
    key.order = this.#added++
    key.selected = this.#isSelected(key)
    keys.set(key.id, key)
    const { account } = key
    account.keys.add(key)
    const isFirst = account.keys.size === 1
    if (isFirst) clock.watchAccount(account)
    if (key.health.status === 'cooling') this.#parts.onCooling(key)
    selection.update(key)
    if (isFirst) this.#parts.onAccount(account)
    signals.onFree(null)
  }

  remove(key: Key): void {
    if (!key.isHeld) return
    const { keys, selection, pacing, signals } = this.#parts
    key.isHeld = false
    keys.delete(key.id)
    selection.remove(key)
    const wasTrial = key.account.trial?.key === key
    this.#leave(key, key.account)
    pacing?.forget(key)
    selection.invalidate()
    // A trial that ends, and a place in a full window, are what other requests may wait for.
    if (wasTrial || pacing !== null) signals.onFree(null)
  }

  /** Applies a change of the operator's to a key: its account, its rule and its place in the rosters may change. */
  change(key: Key, apply: () => void): void {
    if (!key.isHeld) return
    const { selection, signals } = this.#parts
    selection.remove(key)
    const before = key.account
    apply()
    if (key.account !== before) {
      key.account.keys.add(key)
      this.#leave(key, before)
    }
    key.selected = this.#isSelected(key)
    selection.update(key)
    signals.onFree(null)
  }

  /** The upstream named the account of a key. Keys that turn out to be of one account share its limits and money. */
  recognise(key: Key, upstreamAccount: string): void {
    if (!key.isHeld || key.upstreamAccount === upstreamAccount) return
    const { account } = key
    this.change(key, () => {
      key.upstreamAccount = upstreamAccount
      key.account = this.accountFor(key)
      // The account was refused under another name: a second key of it would only be refused as well.
      if (key.account !== account) key.account.mergeCooldowns(account, this.#parts.clock.now())
    })
    this.#parts.signals.onChange(key, key.account)
  }

  /** Sets the key mode: which keys may serve at all. */
  select(mode: KeyMode, names: readonly string[]): void {
    this.#selected = mode === 'all' ? null : new KeyNames(names)
    const { keys, selection, signals } = this.#parts
    for (const key of keys.values()) {
      key.selected = this.#isSelected(key)
      selection.update(key)
    }
    selection.invalidate()
    signals.onFree(null)
  }

  #isSelected(key: Key): boolean {
    return this.#selected?.has(key) ?? true
  }

  /** Takes a key off an account, whose trial the key's attempt may be. */
  #leave(key: Key, account: KeyAccount): void {
    account.keys.delete(key)
    this.#parts.accounts.forgetIfEmpty(account)
    if (account.trial?.key === key) {
      account.trial = null
      this.#parts.selection.updateAll(account)
    }
  }
}
