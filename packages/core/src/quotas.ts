import type { Account, StoredQuota } from './key/account.js'
import type { DeclaredLimits } from './limit/limit-options.js'
import type { Limits } from './limit/limits.js'
import { Quota } from './limit/quota.js'
import type { ModelBook, ModelEntry } from './model-book.js'

export interface QuotasParts {
  readonly models: ModelBook
  readonly limits: DeclaredLimits
  /** Whether limits are learned. */
  readonly learns: boolean
  readonly dayOffsetMs: number
}

/** What accounts may use of models: counted where a limit is declared, or where one may be learned. */
export class Quotas {
  readonly #parts: QuotasParts

  constructor(parts: QuotasParts) {
    this.#parts = parts
  }

  /** Null where nothing is counted yet, because nothing is declared. */
  of(account: Account, model: ModelEntry): Quota | null {
    const known = account.quotaOf(model.name)
    if (known !== undefined) return known
    const declared = this.#parts.limits.of(account.id, model.name, model.limits)
    return declared === null ? null : this.#add(account, model, declared)
  }

  /** From now on it is counted, if limits are learned at all. */
  begin(account: Account, model: ModelEntry): Quota | null {
    return this.of(account, model) ?? (this.#parts.learns ? this.#add(account, model, null) : null)
  }

  /** Goes on with what an account had used and learned when it was last stored. */
  restore(account: Account, states: readonly StoredQuota[], now: number): void {
    const { learns, dayOffsetMs, limits, models } = this.#parts
    for (const { model, ...snapshot } of states) {
      const entry = models.entryOf(model)
      const declared = limits.of(account.id, model, entry.limits)
      const quota = Quota.restore({ limits: declared, learns, dayOffsetMs }, snapshot, now)
      account.keepQuota(model, quota)
      if (limitsTokens(declared) || limitsTokens(quota.bounds())) entry.countsTokens = true
    }
  }

  #add(account: Account, model: ModelEntry, limits: Limits | null): Quota {
    const { learns, dayOffsetMs } = this.#parts
    const quota = new Quota({ limits, learns, dayOffsetMs })
    account.keepQuota(model.name, quota)
    if (limitsTokens(limits)) model.countsTokens = true
    return quota
  }
}

const limitsTokens = (limits: Limits | null): boolean =>
  limits?.TPM !== undefined || limits?.TPD !== undefined
