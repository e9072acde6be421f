import type { PoolBalance } from '../billing/pool-balance.js'
import type { PoolEmitter } from '../events.js'
import { fingerprint } from '../key/fingerprint.js'
import type { Key, KeyAccount } from '../key/key.js'
import { type BalanceView, balanceView } from '../key/key-view.js'
import { revealSecret } from '../key/secret.js'
import type { Keyring } from '../keyring/keyring.js'
import { maskToken } from '../mask.js'
import type { Balance } from '../money/balance.js'
import { sumDecimals } from '../money/decimal.js'
import { isAboveZero } from '../provider/balance-facts.js'
import type { Upstream } from '../relay/attempt/upstream.js'
import { applyFinding, withHindsight } from './apply-finding.js'
import { Delayed, defaultConcurrency, runBatch } from './batch.js'
import { type CheckedCheckOptions, type CheckOptions, checkCheckOptions } from './check-options.js'
import { CheckPace } from './check-pace.js'
import { CheckRetries, type CheckSubject } from './check-retries.js'
import { Checker, type Finding } from './checker.js'
import { type BalanceAnswer, type FoundBalance, probeBalance } from './probe.js'
import type { LookReason } from './schedule.js'
import { UnsupportedEndpoints } from './unsupported-endpoints.js'
import type { Verdict } from './verdict.js'

export interface BalanceOptions {
  /** Ask the upstream first, where it still tells. @default false */
  readonly refresh?: boolean
  readonly signal?: AbortSignal
}

interface Subject extends CheckSubject {
  readonly index: number
  /** The pool's record, when the token is one of its own. */
  readonly key: Key | undefined
}

/** Finds out about keys by asking the upstream, and tells the keyring what it found. */
export class KeyChecks {
  readonly #keyring: Keyring
  readonly #upstream: Upstream
  readonly #events: PoolEmitter
  readonly #gone = new UnsupportedEndpoints()

  constructor(keyring: Keyring, upstream: Upstream, events: PoolEmitter) {
    this.#keyring = keyring
    this.#upstream = upstream
    this.#events = events
  }

  /**
   * Asks about each key, gives verdicts as they come, and corrects what is believed of the pool's own keys by them.
   * Holds nothing for keys that are done.
   */
  check(options: CheckOptions): AsyncGenerator<Verdict> {
    const { runtime, provider } = this.#upstream
    const checked = checkCheckOptions(options, provider)
    const turns = this.#turns(checked)
    return runBatch(
      this.#subjects(checked),
      async (subject, signal) => {
        const finding = await turns.take(subject, signal)
        return finding instanceof Delayed ? finding : this.#verdict(subject, finding)
      },
      checked,
      runtime,
    )
  }

  /**
   * Asks once about one of the pool's own keys, for free. By its turn: what is left, or whether it is accepted. After
   * calls or a refusal: what is left, where that is told.
   */
  async look(id: string, reason: LookReason, signal: AbortSignal): Promise<void> {
    const key = this.#keyring.keys.get(id)
    if (key === undefined) return
    if (reason === 'round') {
      const keys = [revealSecret(key.secret)]
      for await (const _ of this.check({ keys, probe: 'balance', retries: 0, signal }));
      return
    }
    const { found } = await this.#askBalance(key, signal)
    // Money that is told of a moment after it was refused is of a kind that did not pay: live trials find out more.
    const isContradiction =
      reason === 'funds' && found?.balance.amount != null && isAboveZero(found.balance.amount)
    if (found !== null && key.isHeld && !isContradiction) this.#keep(key, found)
  }

  async balance({ refresh = false, signal }: BalanceOptions): Promise<PoolBalance> {
    const unanswered = refresh ? await this.#refresh(signal) : 0
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
      unanswered,
    }
  }

  #turns({ probe, model, limits }: CheckedCheckOptions): CheckRetries {
    const { runtime } = this.#upstream
    const checker = new Checker({ upstream: this.#upstream, probe, model, gone: this.#gone })
    return new CheckRetries({ checker, limits, runtime, pace: new CheckPace(runtime) })
  }

  async *#subjects({ keys, site }: CheckedCheckOptions): AsyncGenerator<Subject> {
    let index = 0
    for await (const given of keys ?? this.#ownTokens()) {
      const token = given.trim()
      const key = this.#keyring.keys.get(fingerprint(token))
      const at = key?.site ?? site ?? this.#upstream.provider.site
      yield { index: index++, token, site: at, key, ...unasked }
    }
  }

  *#ownTokens(): Generator<string> {
    for (const key of Array.from(this.#keyring.keys.values())) if (key.isHeld) yield revealSecret(key.secret)
  }

  #verdict({ index, token, site, key }: Subject, finding: Finding): Verdict {
    const { found } = finding
    if (key?.isHeld === true) {
      if (found !== null) this.#keep(key, found)
      const told = applyFinding(key, finding, {
        provider: this.#upstream.provider,
        now: this.#upstream.runtime.now(),
      })
      if (told !== null) this.#keyring.restore(key, told)
      if (told?.balance !== undefined)
        this.#events.emit('balance-updated', { account: key.account.id, balance: told.balance })
    }
    return {
      ...(key === undefined ? finding.ruling : withHindsight(finding, key.account)),
      index,
      id: key?.id ?? fingerprint(token),
      key: maskToken(token),
      site,
      balance: key === undefined ? foundView(found) : this.#viewOf(key.account),
    }
  }

  /** How many accounts the upstream did not tell of. */
  async #refresh(signal: AbortSignal | undefined): Promise<number> {
    const options = { concurrency: defaultConcurrency, ...(signal && { signal }) }
    const refreshing = runBatch(
      Array.from(this.#keyring.accounts.values()),
      (account, signal) => this.#refreshOne(account, signal),
      options,
      this.#upstream.runtime,
    )
    let unanswered = 0
    for await (const isTold of refreshing) if (!isTold) unanswered++
    return unanswered
  }

  async #refreshOne(account: KeyAccount, signal: AbortSignal): Promise<boolean> {
    const key = Array.from(account.keys).find(({ health }) => health.status !== 'invalid')
    if (key === undefined) return true
    const { found, outcome } = await this.#askBalance(key, signal)
    if (found !== null) this.#keep(key, found)
    // A refused key or a closed account is an answer, too.
    return found !== null || outcome?.fault === 'key' || outcome?.fault === 'disabled'
  }

  #askBalance(key: Key, signal: AbortSignal): Promise<BalanceAnswer> {
    const asked = { site: key.site, token: revealSecret(key.secret) }
    return probeBalance(this.#upstream, asked, { timeoutMs, signal, gone: this.#gone })
  }

  /** Notes what a balance endpoint told of a key's account. */
  #keep(key: Key, { balance, reading }: FoundBalance): void {
    // From here on it may be another account: one that it shares with keys of which the upstream said the same.
    if (reading?.account !== undefined) this.#keyring.recognise(key, reading.account)
    if (!isBetter(balance, key.account.balance)) return
    this.#keyring.restore(key, { balance })
    this.#events.emit('balance-updated', { account: key.account.id, balance })
  }

  #viewOf(account: KeyAccount): BalanceView {
    const [key] = account.keys
    const currency = this.#upstream.provider.currencyOf(key?.site ?? this.#upstream.provider.site)
    return balanceView(account, currency, isoTime)
  }
}

const timeoutMs = 15_000

const unasked = { failures: 0, refusals: 0, startedAt: null, told: null } as const

const isoTime = (at: number): string => new Date(at).toISOString()

const foundView = (found: FoundBalance | null): BalanceView | null =>
  found === null
    ? null
    : { ...found.balance, at: found.balance.at === null ? null : isoTime(found.balance.at) }

/** That the upstream no longer tells does not unsay what is known or what the operator entered, and is told once. */
const isBetter = (found: Balance, known: Balance | null): boolean =>
  found.amount !== null || (known?.amount == null && known?.source !== found.source)
