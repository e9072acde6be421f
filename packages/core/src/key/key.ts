import type { Outcome } from '../outcome/outcome.js'
import type { Candidate } from '../strategy/strategy.js'
import type { Usage } from '../usage/usage.js'
import type { Account, Trial } from './account.js'
import { ready } from './account-health.js'
import type { KeyHealth } from './key-health.js'
import type { Secret } from './secret.js'

/** What a user gives to add a key. */
export interface KeyInput {
  /** The token, as in `sk-…`. Surrounding white space is removed. */
  readonly secret: string
  /**
   * The account that the upstream limits and charges. Keys of one account share cooldowns, limits and money.
   * @default an account of its own
   */
  readonly account?: string
  /** A name for people. */
  readonly label?: string
  /** Share of the traffic under the `weighted` strategy; above 0. @default 1 */
  readonly weight?: number
  /** Which of the provider's sites the key belongs to. @default the pool's site */
  readonly site?: string
  /** The operator's switch. Automation never touches it. @default true */
  readonly enabled?: boolean
  /** Money on the account now, as a decimal string, for providers that do not report it. */
  readonly balance?: string
}

/** The account of a key, with the keys that share it. */
export type KeyAccount = Account<Key>

export const keyIdsOf = (account: KeyAccount): string[] => Array.from(account.keys, ({ id }) => id)

/** One key of the pool: what the operator said of it, its health, and what it has done. The pool alone writes it. */
export class Key implements Candidate {
  // What every pick looks at comes first, so that it shares as few lines of the processor's cache as can be.
  #account: KeyAccount
  /** The number of the account, here so that a pick need not read the account. */
  accountNumber: number
  /** Leases running now. */
  inFlight = 0
  requests = 0
  /**
   * When its last call ended, in milliseconds since the Unix epoch; NaN before the first. Never null: a number stays
   * where it is in memory.
   */
  usedAt: number = Number.NaN
  site: string
  health: KeyHealth = ready
  /** The half-open trial: the one attempt that may close the circuit again. Null unless the health is `probing`. */
  trial: Trial | null = null
  successes = 0
  /** Attempts that failed for reasons that are neither the caller's nor the model's. */
  failures = 0
  readonly id: string
  readonly secret: Secret
  readonly addedAt: number
  /** The account as the operator named it; null when it was left open. */
  accountName: string | null
  label: string | null
  weight: number
  enabled: boolean
  /** Whether the pool's key mode lets it serve. */
  selected = true
  /** Consecutive unexplained failures, since the last success. */
  consecutiveFailures = 0
  promptTokens = 0
  completionTokens = 0
  /** The name of the key's account at the upstream, when it said so last; keys that agree on it share one account. */
  upstreamAccount: string | null = null
  /** Whether the pool has it: false before it is added and after it is removed. */
  isHeld = false
  /** Its state has changed since it was last stored. */
  isUnsaved = false
  /** Position among the pool's keys: lower came earlier. */
  order = 0

  constructor(given: {
    id: string
    secret: Secret
    account: KeyAccount
    accountName?: string | null
    site: string
    label: string | null
    weight: number
    enabled: boolean
    addedAt: number
  }) {
    this.id = given.id
    this.secret = given.secret
    this.#account = given.account
    this.accountNumber = given.account.number
    this.accountName = given.accountName ?? null
    this.site = given.site
    this.label = given.label
    this.weight = given.weight
    this.enabled = given.enabled
    this.addedAt = given.addedAt
  }

  get account(): KeyAccount {
    return this.#account
  }

  set account(account: KeyAccount) {
    this.#account = account
    this.accountNumber = account.number
  }

  /** When its last call ended, in milliseconds since the Unix epoch; null before the first. */
  get lastUsedAt(): number | null {
    return Number.isNaN(this.usedAt) ? null : this.usedAt
  }

  /** Money of its account, for strategies that compare; null when nothing is known. */
  get balance(): number | null {
    const { health, funds } = this.#account
    const isEmpty = health.status === 'exhausted' && health.funds !== 'charged'
    return isEmpty ? Math.min(funds ?? 0, 0) : funds
  }

  /** Counts an attempt that ended. */
  count(outcome: Outcome, usage: Usage | null, now: number): void {
    this.usedAt = now
    const { kind, fault } = outcome
    if (kind === 'success') this.successes++
    else if (fault !== undefined && fault !== 'caller' && fault !== 'model') this.failures++
    if (usage === null) return
    this.promptTokens += usage.promptTokens
    this.completionTokens += usage.completionTokens
  }

  rpm(now: number): number {
    return this.#account.rpm(now)
  }

  tpm(now: number): number {
    return this.#account.tpm(now)
  }
}
