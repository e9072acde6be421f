import type { StoredQuota } from '../key/account.js'
import type { KeyAccount } from '../key/key.js'
import type { DeclaredLimits } from '../limit/limit-options.js'
import type { Limits } from '../limit/meters.js'
import { Quota, type QuotaOptions } from '../limit/quota.js'
import { QuotaTable } from '../limit/quota-table.js'
import type { ModelEntry, ModelRegistry } from './model-registry.js'

export interface QuotasParts {
  readonly models: ModelRegistry
  readonly limits: DeclaredLimits
  /** Whether limits are learned. */
  readonly learns: boolean
  readonly dayOffsetMs: number
}

/** The quotas of all accounts: one for each model that has a declared limit, or whose limit may be learned. */
export class Quotas {
  readonly #parts: QuotasParts
  readonly table: QuotaTable

  constructor(parts: QuotasParts) {
    this.#parts = parts
    this.table = new QuotaTable(parts)
  }

  /** Returns the account's quota of the model, made now if a limit is declared; null where nothing is counted yet. */
  of(account: KeyAccount, model: ModelEntry): Quota | null {
    const known = account.quotas.get(model.name)
    if (known !== undefined) {
      model.accountIndex.recordQuota(account.number, known)
      return known
    }
    const declared = this.#parts.limits.of(account.id, model.name, model.limits)
    return declared === null ? null : this.#add(account, model, declared)
  }

  /** Returns the quota that counts from now on; null where nothing is declared and nothing is learned. */
  begin(account: KeyAccount, model: ModelEntry): Quota | null {
    return this.of(account, model) ?? (this.#parts.learns ? this.#add(account, model, null) : null)
  }

  /** Restores what an account had used and learned when it was last stored. */
  restore(account: KeyAccount, states: readonly StoredQuota[], now: number): void {
    const { limits, models } = this.#parts
    for (const { model, ...snapshot } of states) {
      const entry = models.entryOf(model)
      const declared = limits.of(account.id, model, entry.limits)
      const quota = Quota.restore(this.#optionsOf(declared), snapshot, now)
      account.keepQuota(model, quota)
      if (Object.keys(quota.learnedLimits()).length > 0) entry.hasLearned = true
      if (limitsTokens(declared) || limitsTokens(quota.learnedLimits())) entry.countsTokens = true
    }
  }

  #add(account: KeyAccount, model: ModelEntry, limits: Limits | null): Quota {
    const quota = new Quota(this.#optionsOf(limits))
    account.keepQuota(model.name, quota)
    model.accountIndex.recordQuota(account.number, quota)
    if (limitsTokens(limits)) model.countsTokens = true
    return quota
  }

  #optionsOf(limits: Limits | null): QuotaOptions {
    const { learns, dayOffsetMs } = this.#parts
    return { limits, learns, dayOffsetMs, table: this.table }
  }
}

const limitsTokens = (limits: Limits | null): boolean =>
  limits?.TPM !== undefined || limits?.TPD !== undefined
