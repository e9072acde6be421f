import type { StoredAccountState, StoredKey, StoredKeyState } from '../store.js'
import { type AccountName, accountPlace } from './account-place.js'

/** The keys of a memory store, with the states of keys and accounts. */
export class MemoryKeys {
  readonly #keys = new Map<string, StoredKey>()
  readonly #keyStates = new Map<string, StoredKeyState>()
  /** By `accountPlace`. */
  readonly #accountStates = new Map<string, StoredAccountState>()
  /** The number of keys of each account. The state of an account is removed with its last key. */
  readonly #keyCounts = new Map<string, number>()

  all(): { keys: StoredKey[]; keyStates: StoredKeyState[]; accountStates: StoredAccountState[] } {
    return {
      keys: [...this.#keys.values()],
      keyStates: [...this.#keyStates.values()],
      accountStates: [...this.#accountStates.values()],
    }
  }

  hasAccount(account: AccountName): boolean {
    return this.#keyCounts.has(accountPlace(account))
  }

  /** Returns how many keys were written. */
  put(given: readonly StoredKey[]): number {
    // Copied before anything is changed, so that a list that fails half way leaves no trace.
    const copies = given.map((key) => Object.freeze({ ...key }))
    for (const key of copies) {
      const former = this.#keys.get(key.id)
      if (former !== undefined) this.#count(former, -1)
      this.#count(key, 1)
      this.#keys.set(key.id, key)
    }
    return copies.length
  }

  /** Returns how many keys were removed, and the accounts whose last key was among them. */
  remove(ids: readonly string[]): { count: number; accounts: AccountName[] } {
    const accounts: AccountName[] = []
    let count = 0
    for (const id of ids) {
      const key = this.#keys.get(id)
      if (key === undefined) continue
      count += 1
      this.#keys.delete(id)
      this.#keyStates.delete(id)
      this.#count(key, -1)
      const account = accountOf(key)
      if (this.hasAccount(account)) continue
      this.#accountStates.delete(accountPlace(account))
      accounts.push(account)
    }
    return { count, accounts }
  }

  saveStates(keyList: readonly StoredKeyState[], accountList: readonly StoredAccountState[]): void {
    const accountCopies = accountList.map((state) =>
      Object.freeze({
        ...state,
        cooldowns: Object.freeze([...state.cooldowns]),
        quotas: Object.freeze([...state.quotas]),
      }),
    )
    const keyCopies = keyList.map((state) => Object.freeze({ ...state }))
    for (const state of keyCopies) if (this.#keys.has(state.id)) this.#keyStates.set(state.id, state)
    for (const state of accountCopies) {
      if (this.hasAccount(state)) this.#accountStates.set(accountPlace(state), state)
    }
  }

  #count(key: StoredKey, change: 1 | -1): void {
    const account = accountPlace(accountOf(key))
    const next = (this.#keyCounts.get(account) ?? 0) + change
    if (next > 0) this.#keyCounts.set(account, next)
    else this.#keyCounts.delete(account)
  }
}

const accountOf = ({ upstream, id, account }: StoredKey): AccountName => ({ upstream, id: account ?? id })
