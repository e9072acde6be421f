import type { SiteName } from '../catalogue/model.js'
import { parseAccount, parseAccountPatch, ScenarioError } from '../scenario/parse.js'
import type { AccountInput } from '../scenario/scenario.js'
import { type Account, type AccountView, createAccount, readKeys, readMoney, viewAccount } from './account.js'

/** The changes that can be made to an account. Money and limits that are not named stay unchanged. */
export type AccountPatch = Partial<Omit<AccountInput, 'id' | 'site'>>

/** A known key: its account and its status. */
export interface KeyEntry {
  account: Account
  status: 'ok' | 'revoked'
}

/** The accounts of both sites, and the account of each key. */
export class Accounts {
  readonly #accounts = new Map<string, Account>()
  readonly #keys: Record<SiteName, Map<string, KeyEntry>> = { cn: new Map(), com: new Map() }
  readonly #ledgerEntries: () => number

  constructor(ledgerEntries: () => number) {
    this.#ledgerEntries = ledgerEntries
  }

  /** Opens an account. Throws a `ScenarioError` when the input is wrong, or the id or a key is taken. */
  add(input: AccountInput): AccountView {
    const parsed = parseAccount(input)
    if (this.#accounts.has(parsed.id)) {
      throw new ScenarioError('account.id', 'must not be the id of another account', parsed.id)
    }
    const account = createAccount(parsed, this.#ledgerEntries())
    this.#requireFreeKeys(account)
    this.#accounts.set(account.id, account)
    this.#index(account)
    return viewAccount(account)
  }

  get(id: string): AccountView | undefined {
    const account = this.#accounts.get(id)
    return account === undefined ? undefined : viewAccount(account)
  }

  list(): AccountView[] {
    return [...this.#accounts.values()].map(viewAccount)
  }

  /** Changes an account. Throws a `ScenarioError` when the id is unknown or the change is wrong. */
  update(id: string, patch: AccountPatch): AccountView {
    const account = this.#accounts.get(id)
    if (account === undefined) throw new ScenarioError('account.id', 'must be the id of an account', id)
    const { status, level, keys, money, limits } = parseAccountPatch(patch)
    if (keys !== undefined) this.#replaceKeys(account, readKeys(keys))
    if (status !== undefined) account.status = status
    if (level !== undefined) account.level = level
    if (money !== undefined) Object.assign(account.money, readMoney(money, account.money))
    if (limits !== undefined) account.limits = structuredClone(limits)
    return viewAccount(account)
  }

  /** Resets all meters of all accounts. */
  resetMeters(): void {
    for (const account of this.#accounts.values()) account.meters.clear()
  }

  /** Applies a changed number of kept bills. */
  applyBounds(): void {
    for (const { ledger } of this.#accounts.values()) ledger.capacity = this.#ledgerEntries()
  }

  findKey(site: SiteName, secret: string): KeyEntry | undefined {
    return this.#keys[site].get(secret)
  }

  #replaceKeys(account: Account, keys: Account['keys']): void {
    this.#requireFreeKeys({ ...account, keys })
    for (const secret of account.keys.keys()) this.#keys[account.site].delete(secret)
    account.keys = keys
    this.#index(account)
  }

  #index(account: Account): void {
    for (const [secret, status] of account.keys) this.#keys[account.site].set(secret, { account, status })
  }

  #requireFreeKeys({ id, keys }: Account): void {
    for (const secret of keys.keys()) {
      const owner = this.#keys.cn.get(secret) ?? this.#keys.com.get(secret)
      if (owner !== undefined && owner.account.id !== id) {
        throw new ScenarioError(
          'account.keys',
          `must not hold a key of account "${owner.account.id}"`,
          secret,
        )
      }
    }
  }
}
