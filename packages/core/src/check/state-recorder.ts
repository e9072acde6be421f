import type { PoolEmitter } from '../events.js'
import type { Key } from '../key/key.js'
import type { Keyring, StateChange } from '../keyring/keyring.js'
import type { Balance } from '../money/balance.js'
import type { ReportedBalance } from './probe/probe-balance.js'

/** Records in the keyring what checks found out, and announces new balances. */
export class StateRecorder {
  readonly #keyring: Keyring
  readonly #events: PoolEmitter

  constructor(keyring: Keyring, events: PoolEmitter) {
    this.#keyring = keyring
    this.#events = events
  }

  recordChange(key: Key, change: StateChange): void {
    this.#keyring.restore(key, change)
    if (change.balance !== undefined)
      this.#events.emit('balance-updated', { account: key.account.id, balance: change.balance })
  }

  /** Records the balance that a site reported for a key's account, and the account's id at the upstream. */
  recordBalance(key: Key, { balance, reading }: ReportedBalance): void {
    // May move the key to another account: the one that it shares with keys of the same id at the upstream.
    if (reading?.account !== undefined) this.#keyring.members.recognise(key, reading.account)
    if (isNews(balance, key.account.balance)) this.recordChange(key, { balance })
  }
}

/** An upstream that no longer reports balances does not undo a known or entered amount, and is recorded once. */
const isNews = (reported: Balance, known: Balance | null): boolean =>
  reported.amount !== null || (known?.amount == null && known?.source !== reported.source)
