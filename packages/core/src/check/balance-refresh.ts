import type { PoolBalance } from '../billing/pool-balance.js'
import type { Key, KeyAccount } from '../key/key.js'
import { revealSecret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import { sumDecimals } from '../money/decimal.js'
import { isAboveZero } from '../provider/is-above-zero.js'
import type { Provider } from '../provider/provider.js'
import { accountBalanceView } from './balance-views.js'
import { defaultConcurrency, runBatch } from './batch/run-batch.js'
import type { CheckParts } from './check-parts.js'
import { type BalanceAnswer, probeBalance } from './probe/probe-balance.js'

export interface BalanceOptions {
  /** Ask the upstream first, where it still reports balances. @default false */
  readonly refresh?: boolean
  readonly signal?: AbortSignal
}

const timeoutMs = 15_000

/** Asks the upstream how much money the pool's accounts have left, and records the answers. */
export class BalanceRefresh {
  readonly #parts: CheckParts

  constructor(parts: CheckParts) {
    this.#parts = parts
  }

  /** Reports the money of all accounts; with `refresh`, after asking the upstream about each. */
  async report({ refresh = false, signal }: BalanceOptions): Promise<PoolBalance> {
    const { keyring, upstream } = this.#parts
    const unanswered = refresh ? await this.#refreshAll(signal) : 0
    return poolBalance(keyring, upstream.provider, unanswered)
  }

  /** Refreshes the balance of a key's account after calls; `isRefused`: the last one, for lack of money. */
  async refreshAfterCall(
    key: Key,
    signal: AbortSignal,
    { isRefused }: { isRefused: boolean },
  ): Promise<void> {
    const { reported } = await this.#ask(key, signal)
    // Money that the site reports a moment after a refusal is of a kind that did not pay: live trials find out more.
    const isContradiction =
      isRefused && reported?.balance.amount != null && isAboveZero(reported.balance.amount)
    if (reported !== null && key.isHeld && !isContradiction) this.#parts.recorder.recordBalance(key, reported)
  }

  /** Resolves with the number of accounts whose balance could not be found out. */
  async #refreshAll(signal: AbortSignal | undefined): Promise<number> {
    const { keyring, upstream } = this.#parts
    const options = { concurrency: defaultConcurrency, ...(signal && { signal }) }
    const refreshing = runBatch(
      Array.from(keyring.accounts.values()),
      (account, signal) => this.#refresh(account, signal),
      options,
      upstream.runtime,
    )
    let unanswered = 0
    for await (const isAnswered of refreshing) if (!isAnswered) unanswered++
    return unanswered
  }

  async #refresh(account: KeyAccount, signal: AbortSignal): Promise<boolean> {
    const key = Array.from(account.keys).find(({ health }) => health.status !== 'invalid')
    if (key === undefined) return true
    const { reported, outcome } = await this.#ask(key, signal)
    if (reported !== null) this.#parts.recorder.recordBalance(key, reported)
    // A refused key or a closed account is an answer, too.
    return reported !== null || outcome?.fault === 'key' || outcome?.fault === 'disabled'
  }

  #ask(key: Key, signal: AbortSignal): Promise<BalanceAnswer> {
    const { upstream, unsupported } = this.#parts
    const probed = { site: key.site, token: revealSecret(key.secret) }
    return probeBalance(upstream, probed, { timeoutMs, signal, unsupported })
  }
}

/** What the pool knows of the money of all accounts. */
function poolBalance(keyring: Keyring, provider: Provider, unanswered: number): PoolBalance {
  const accounts = Array.from(keyring.accounts.values(), (account) => ({
    account: account.id,
    balance: accountBalanceView(account, provider),
  }))
  const currencies = new Set(accounts.map(({ balance }) => balance.currency))
  const amounts = accounts.map(({ balance }) => balance.amount).filter((amount) => amount !== null)
  const [currency = null] = currencies
  return {
    total: amounts.length === 0 || currencies.size > 1 ? null : sumDecimals(amounts),
    currency: currencies.size === 1 ? currency : null,
    accounts,
    keys: Array.from(keyring.keys.values(), (key) => ({
      id: key.id,
      balance: accountBalanceView(key.account, provider),
    })),
    unanswered,
  }
}
