import type { PoolBalance } from '../billing/pool-balance.js'
import type { PoolEmitter } from '../events.js'
import type { Key, KeyAccount } from '../key/key.js'
import { type BalanceView, balanceView } from '../key/key-view.js'
import { revealSecret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import type { Balance } from '../money/balance.js'
import { sumDecimals } from '../money/decimal.js'
import type { Upstream } from '../relay/attempt/upstream.js'
import { type BalanceAnswer, probeBalance, type ReportedBalance } from './probe-balance.js'
import { defaultConcurrency, runBatch } from './run-batch.js'
import type { UnsupportedEndpoints } from './unsupported-endpoints.js'

export interface BalanceOptions {
  /** Ask the upstream first, where it still has a balance endpoint. @default false */
  readonly refresh?: boolean
  readonly signal?: AbortSignal
}

export interface BalanceRefreshParts {
  readonly keyring: Keyring
  readonly upstream: Upstream
  readonly events: PoolEmitter
  readonly unsupported: UnsupportedEndpoints
}

/** Asks the upstream for balances, and reports what is known of them. */
export class BalanceRefresh {
  readonly #parts: BalanceRefreshParts

  constructor(parts: BalanceRefreshParts) {
    this.#parts = parts
  }

  /** Reports the money of the whole pool; with `refresh`, after asking the upstream about every account. */
  async report({ refresh = false, signal }: BalanceOptions): Promise<PoolBalance> {
    const unanswered = refresh ? await this.#refresh(signal) : 0
    const { keyring } = this.#parts
    const accounts = Array.from(keyring.accounts.values(), (account) => ({
      account: account.id,
      balance: this.viewOf(account),
    }))
    const currencies = new Set(accounts.map(({ balance }) => balance.currency))
    const amounts = accounts.map(({ balance }) => balance.amount).filter((amount) => amount !== null)
    const [currency = null] = currencies
    return {
      total: amounts.length === 0 || currencies.size > 1 ? null : sumDecimals(amounts),
      currency: currencies.size === 1 ? currency : null,
      accounts,
      keys: Array.from(keyring.keys.values(), (key) => ({ id: key.id, balance: this.viewOf(key.account) })),
      unanswered,
    }
  }

  /** Asks the upstream what is left on a key's account, once. */
  ask(key: Key, signal: AbortSignal): Promise<BalanceAnswer> {
    const { upstream, unsupported } = this.#parts
    const probed = { site: key.site, token: revealSecret(key.secret) }
    return probeBalance(upstream, probed, { timeoutMs, signal, unsupported })
  }

  /** Keeps what a balance endpoint reported of a key's account. */
  keep(key: Key, { balance, reading }: ReportedBalance): void {
    const { keyring, events } = this.#parts
    // From here on it may be another account: one that it shares with keys of which the upstream said the same.
    if (reading?.account !== undefined) keyring.members.recognise(key, reading.account)
    if (!isBetter(balance, key.account.balance)) return
    keyring.restore(key, { balance })
    events.emit('balance-updated', { account: key.account.id, balance })
  }

  viewOf(account: KeyAccount): BalanceView {
    const { provider } = this.#parts.upstream
    const [key] = account.keys
    return balanceView(account, provider.currencyOf(key?.site ?? provider.site), isoTime)
  }

  /** Resolves with the number of accounts about which the upstream said nothing. */
  async #refresh(signal: AbortSignal | undefined): Promise<number> {
    const options = { concurrency: defaultConcurrency, ...(signal && { signal }) }
    const { keyring, upstream } = this.#parts
    const answers = runBatch(
      Array.from(keyring.accounts.values()),
      (account, signal) => this.#refreshOne(account, signal),
      options,
      upstream.runtime,
    )
    let unanswered = 0
    for await (const isAnswered of answers) if (!isAnswered) unanswered++
    return unanswered
  }

  async #refreshOne(account: KeyAccount, signal: AbortSignal): Promise<boolean> {
    const key = Array.from(account.keys).find(({ health }) => health.status !== 'invalid')
    if (key === undefined) return true
    const { reported, outcome } = await this.ask(key, signal)
    if (reported !== null) this.keep(key, reported)
    // A refused key or a closed account is an answer, too.
    return reported !== null || outcome?.fault === 'key' || outcome?.fault === 'disabled'
  }
}

const timeoutMs = 15_000

const isoTime = (at: number): string => new Date(at).toISOString()

/** Shows what a balance endpoint reported of a key that is not the pool's. */
export const reportedView = (reported: ReportedBalance | null): BalanceView | null =>
  reported === null
    ? null
    : { ...reported.balance, at: reported.balance.at === null ? null : isoTime(reported.balance.at) }

/** An endpoint that is no longer there does not undo what is known or what the operator entered; it is reported once. */
const isBetter = (found: Balance, known: Balance | null): boolean =>
  found.amount !== null || (known?.amount == null && known?.source !== found.source)
