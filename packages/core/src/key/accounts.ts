import { RecentUse } from '../limit/recent-use.js'
import { Account } from './account.js'
import type { Key, KeyAccount } from './key.js'

/** What decides which account a key belongs to. */
export interface AccountHints {
  readonly id: string
  readonly site: string
  /** As the operator named it; null when that was left open. */
  readonly accountName: string | null
  /** The account's name at the upstream, when it said so last; null when it never did. */
  readonly upstreamAccount: string | null
}

/** The accounts of a pool. An account is there as long as it has keys. */
export class Accounts {
  readonly byId: Map<string, KeyAccount> = new Map()
  /** By site and the upstream's own name for them. */
  readonly #upstream = new Map<string, KeyAccount>()
  readonly #recent = new RecentUse()
  readonly #onCooldownsLifted: (account: KeyAccount) => void
  /** Numbers of accounts that are gone. */
  readonly #free: number[] = []
  #numbered = 0

  constructor(onCooldownsLifted: (account: KeyAccount) => void) {
    this.#onCooldownsLifted = onCooldownsLifted
  }

  /** The account of that id, made when it is new. */
  of(id: string): KeyAccount {
    const known = this.byId.get(id)
    if (known !== undefined) return known
    const account = new Account<Key>(id, {
      number: this.#free.pop() ?? this.#numbered++,
      recent: this.#recent,
      onCooldownsLifted: this.#onCooldownsLifted,
    })
    this.byId.set(id, account)
    return account
  }

  /**
   * The account of a key: the one that the operator named; else one that it shares with keys of which the upstream
   * said the same; else one of its own. A shared one bears the id of the key that came first.
   */
  for({ id, site, accountName, upstreamAccount }: AccountHints): KeyAccount {
    if (accountName !== null) return this.of(accountName)
    if (upstreamAccount === null) return this.of(id)
    const name = `${site} ${upstreamAccount}`
    const known = this.#upstream.get(name)
    const account = known !== undefined && this.byId.get(known.id) === known ? known : this.of(id)
    this.#upstream.set(name, account)
    return account
  }

  /** Forgets an account that has lost its last key. */
  forgetIfEmpty(account: KeyAccount): void {
    if (account.keys.size > 0 || this.byId.get(account.id) !== account) return
    this.byId.delete(account.id)
    account.close()
    this.#free.push(account.number)
  }
}
