import { defaultConcurrency, runBatch } from './balance/batch.js'
import { sumDecimals } from './balance/decimal.js'
import { type ProbeOptions, probeBalance, probeKey } from './balance/probe.js'
import { reasonOf, type Verdict, verdictOf } from './balance/verdict.js'
import { assertCheckOptions, type CheckOptions } from './check-options.js'
import type { EventBoard } from './events.js'
import type { Account, Balance } from './key/account.js'
import { fingerprint } from './key/fingerprint.js'
import { ready } from './key/health.js'
import type { Key } from './key/key.js'
import type { Outcome } from './key/outcome.js'
import { revealSecret, Secret, withoutSecret } from './key/secret.js'
import { type BalanceView, balanceView } from './key/view.js'
import type { Keyring } from './keyring.js'
import { maskToken } from './mask.js'
import type { Upstream } from './relay/upstream.js'

export interface BalanceOptions {
  /** Ask the upstream first, where it still tells. @default false */
  readonly refresh?: boolean
  readonly signal?: AbortSignal
}

/** Money of the whole pool. */
export interface PoolBalance {
  /** The exact sum of what is known or estimated, as a decimal string; null when nothing is, or currencies differ. */
  readonly total: string | null
  readonly currency: string | null
  readonly accounts: readonly { readonly account: string; readonly balance: BalanceView }[]
  readonly keys: readonly { readonly id: string; readonly balance: BalanceView }[]
}

interface Subject {
  readonly index: number
  readonly token: string
  readonly site: string
  /** The pool's record, when the token is one of its own. */
  readonly key: Key | undefined
}

/** Finds out about keys by asking the upstream, and tells the keyring what it found. */
export class Inspection {
  readonly #keyring: Keyring
  readonly #upstream: Upstream
  readonly #events: EventBoard

  constructor(keyring: Keyring, upstream: Upstream, events: EventBoard) {
    this.#keyring = keyring
    this.#upstream = upstream
    this.#events = events
  }

  /** Asks once per key, gives verdicts as they come, and corrects the health of the pool's own keys by them. */
  check(options: CheckOptions): AsyncGenerator<Verdict> {
    assertCheckOptions(options, this.#upstream.provider)
    return runBatch(
      this.#subjects(options),
      (subject, signal) => this.#checkOne(subject, { ...options, signal }),
      options,
      this.#upstream.runtime,
    )
  }

  async balance({ refresh = false, signal }: BalanceOptions): Promise<PoolBalance> {
    if (refresh) await this.#refresh(signal)
    const accounts = Array.from(this.#keyring.accounts.values(), (account) => ({
      account: account.id,
      balance: this.#viewOf(account),
    }))
    const currencies = new Set(accounts.map(({ balance }) => balance.currency))
    const amounts = accounts.map(({ balance }) => balance.amount).filter((amount) => amount !== null)
    const [currency = null] = currencies
    return {
      total: amounts.length === 0 || currencies.size > 1 ? null : sumDecimals(amounts),
      currency: currencies.size === 1 ? currency : null,
      accounts,
      keys: Array.from(this.#keyring.keys.values(), (key) => ({
        id: key.id,
        balance: this.#viewOf(key.account),
      })),
    }
  }

  *#subjects({ keys, site = this.#upstream.provider.site }: CheckOptions): Generator<Subject> {
    let index = 0
    if (keys === undefined) {
      for (const key of Array.from(this.#keyring.keys.values())) {
        yield { index: index++, token: revealSecret(key.secret), site: key.site, key }
      }
      return
    }
    for (const given of keys) {
      const token = given.trim()
      const key = this.#keyring.keys.get(fingerprint(token))
      yield { index: index++, token, site: key?.site ?? site, key }
    }
  }

  async #checkOne(subject: Subject, options: ProbeOptions): Promise<Verdict> {
    const found = await probeKey(this.#upstream, subject, options)
    const outcome = withoutSecret(found, new Secret(subject.token))
    if (subject.key !== undefined) this.#learn(subject.key, outcome)
    return {
      index: subject.index,
      id: subject.key?.id ?? fingerprint(subject.token),
      key: maskToken(subject.token),
      verdict: verdictOf(outcome),
      reason: reasonOf(outcome),
      balance: subject.key === undefined ? null : this.#viewOf(subject.key.account),
    }
  }

  /** The probe tells of key and account standing only; money and limits are beyond it. */
  #learn(key: Key, outcome: Outcome): void {
    if (!this.#keyring.keys.has(key.id)) return
    const refused = {
      status: 'invalid' as const,
      reason: reasonOf(outcome),
      since: this.#upstream.runtime.now(),
    }
    const isClosed = key.account.health.status === 'invalid'
    if (outcome.kind === 'success')
      this.#keyring.restore(key, { key: ready, ...(isClosed ? { account: ready } : {}) })
    else if (outcome.fault === 'key') this.#keyring.restore(key, { key: refused })
    else if (outcome.fault === 'disabled') this.#keyring.restore(key, { account: refused })
  }

  async #refresh(signal: AbortSignal | undefined): Promise<void> {
    const options = { concurrency: defaultConcurrency, ...(signal && { signal }) }
    const accounts = Array.from(this.#keyring.accounts.values())
    const refreshing = runBatch(
      accounts,
      (account, signal) => this.#refreshOne(account, { signal }),
      options,
      this.#upstream.runtime,
    )
    for await (const _ of refreshing);
  }

  async #refreshOne(account: Account, options: ProbeOptions): Promise<void> {
    const key = Array.from(account.keys).find(({ health }) => health.status !== 'invalid')
    if (key === undefined) return
    const found = await probeBalance(
      this.#upstream,
      { site: key.site, token: revealSecret(key.secret) },
      options,
    )
    if (found === undefined) return
    // From here on it may be another account: one that it shares with keys of which the upstream said the same.
    if (found.account !== null) this.#keyring.recognise(key, found.account)
    const { balance } = found
    if (!isBetter(balance, key.account.balance)) return
    this.#keyring.restore(key, { balance })
    this.#events.emit('balance-updated', { account: key.account.id, balance })
  }

  #viewOf(account: Account): BalanceView {
    const [key] = account.keys
    const currency = this.#upstream.provider.currencyOf(key?.site ?? this.#upstream.provider.site)
    return balanceView(account, currency, (at) => new Date(at).toISOString())
  }
}

/** That the upstream no longer tells does not unsay what is known or what the operator entered. */
const isBetter = (found: Balance, known: Balance | null): boolean =>
  found.amount !== null || known?.amount == null
