import type { Balance } from './balance.js'
import { balanceOf } from './balance.js'
import { type Baseline, nothingSpent, type Remaining, remaining, type Spent } from './balance-estimate.js'
import { type Money, roughly } from './decimal.js'

/** The cost of a call. */
export interface Charge {
  /** Null when it is unknown. */
  readonly cost: Money | null
  /** Only recharged money could pay for it. */
  readonly isCharged: boolean
}

/**
 * The estimated balance of an account: a baseline, less what this process and others spent since. What this process
 * spent is unsaved until the store has added it to what others spent.
 */
export class BalanceTracker {
  readonly baseline: Baseline
  /** The store does not have this baseline yet. */
  isNew: boolean
  #stored: Spent
  #saving: Spent = nothingSpent
  #unsaved: MutableSpent | null = null
  /** Kept up to date with every charge, because every charge asks whether anything is left. */
  #amount: Money | null = null
  #left: Remaining | null = null
  /** Since when nothing should be left, of any money and of recharged money; null while something is left. */
  #emptyAt: number | null = null
  #chargedEmptyAt: number | null = null

  /** `stored` is given for a baseline out of the store. */
  constructor(baseline: Baseline, stored: Spent | null = null) {
    this.baseline = baseline
    this.isNew = stored === null
    this.#stored = stored ?? nothingSpent
    this.#estimate(baseline.at ?? 0)
  }

  get spent(): Spent {
    return sumOf(sumOf(this.#stored, this.#saving), this.#unsaved ?? nothingSpent)
  }

  /** What remains in all; null when nothing is known. */
  get amount(): Money | null {
    return this.#amount
  }

  get left(): Remaining {
    this.#left ??= remaining(this.baseline, this.spent)
    return this.#left
  }

  get balance(): Balance {
    return balanceOf(this.baseline, this.spent)
  }

  /** As a number; null when nothing is known. */
  get funds(): number | null {
    return this.#amount === null ? null : roughly(this.#amount)
  }

  get hasUnsaved(): boolean {
    return this.isNew || this.#unsaved !== null
  }

  charge({ cost, isCharged }: Charge, now: number): void {
    this.#unsaved ??= { any: 0n, charged: 0n, unknown: 0 }
    const unsaved = this.#unsaved
    if (cost === null) unsaved.unknown++
    else if (isCharged) unsaved.charged += cost
    else unsaved.any += cost
    this.#left = null
    if (this.#amount === null || cost === null) return
    this.#amount -= cost
    this.#markEmptiness(now)
  }

  /** Since when money of the kind that a model needs should have been gone; null when there should be some. */
  emptySince(needs: 'any' | 'charged'): number | null {
    return needs === 'charged' ? (this.#chargedEmptyAt ?? this.#emptyAt) : this.#emptyAt
  }

  /** What the store is to add; null for nothing. `saved`, `keepLocally` or `saveFailed` follows. */
  takeUnsaved(): Spent | null {
    if (this.#unsaved === null) return null
    this.#saving = this.#unsaved
    this.#unsaved = null
    return this.#saving
  }

  /** The store has added it; `stored` is the sum of what all processes spent. */
  saved(stored: Spent, now: number): void {
    this.#stored = stored
    this.#saving = nothingSpent
    this.#estimate(now)
  }

  /** The store does not know the account, and so has nothing to add to. */
  keepLocally(now: number): void {
    this.saved(sumOf(this.#stored, this.#saving), now)
  }

  /** The tracker of a later baseline, which another process set, less what this process spent since the last saving. */
  rebased(baseline: Baseline, stored: Spent): BalanceTracker {
    const tracker = new BalanceTracker(baseline, stored)
    tracker.#unsaved = this.#unsaved
    tracker.#estimate(baseline.at ?? 0)
    return tracker
  }

  saveFailed(): void {
    if (this.#saving !== nothingSpent)
      this.#unsaved = { ...sumOf(this.#saving, this.#unsaved ?? nothingSpent) }
    this.#saving = nothingSpent
  }

  /**
   * The store was read again. While something is being saved, it is unknown whether the sum that was read includes it.
   * Sums only grow, so a smaller one was read before the last saving.
   */
  read(stored: Spent, now: number): void {
    const isOlder = stored.any < this.#stored.any || stored.charged < this.#stored.charged
    if (this.#saving === nothingSpent && !isOlder) this.saved(stored, now)
  }

  #estimate(now: number): void {
    this.#left = remaining(this.baseline, this.spent)
    this.#amount = this.#left.amount
    this.#markEmptiness(now)
  }

  #markEmptiness(now: number): void {
    this.#emptyAt = this.#amount !== null && this.#amount <= 0n ? (this.#emptyAt ?? now) : null
    if (this.baseline.funds === null) return
    const { funds } = this.left
    this.#chargedEmptyAt = funds !== null && funds.charged <= 0n ? (this.#chargedEmptyAt ?? now) : null
  }
}

type MutableSpent = { -readonly [Name in keyof Spent]: Spent[Name] }

/** Returns the same object where nothing is added, so that `nothingSpent` can be recognised by identity. */
function sumOf(one: Spent, other: Spent): Spent {
  if (other === nothingSpent) return one
  if (one === nothingSpent) return other
  return {
    any: one.any + other.any,
    charged: one.charged + other.charged,
    unknown: one.unknown + other.unknown,
  }
}
