import type { Balance } from './balance.js'
import { balanceOf } from './balance.js'
import { type Money, roughly } from './decimal.js'
import { type Baseline, nothingSpent, type Remaining, remaining, type Spent } from './estimate.js'

/** A call that was paid for. */
export interface Charge {
  /** Null when nobody knows. */
  readonly cost: Money | null
  /** Only recharged money could pay for it. */
  readonly isCharged: boolean
}

/**
 * What an account should have: a baseline, and what was spent since, here and by other processes. What was spent here
 * is unsaved until the store has added it to what others spent.
 */
export class BalanceTracker {
  readonly baseline: Baseline
  /** The store does not have this baseline yet. */
  isNew: boolean
  #stored: Spent
  #saving: Spent = nothingSpent
  #unsaved: Tally | null = null
  /** Kept along, because every payment asks whether there is any. */
  #amount: Money | null = null
  #left: Remaining | null = null
  /** Since when nothing should be left, of any money and of recharged money; null while something is. */
  #emptyAt: number | null = null
  #chargedEmptyAt: number | null = null

  /** `stored` is given for a baseline out of the store. */
  constructor(baseline: Baseline, stored: Spent | null = null) {
    this.baseline = baseline
    this.isNew = stored === null
    this.#stored = stored ?? nothingSpent
    this.#reckon(baseline.at ?? 0)
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
    this.#noteEmptiness(now)
  }

  /** Since when money of the kind that a model needs should have been gone; null when there should be some. */
  emptySince(needs: 'any' | 'charged'): number | null {
    return needs === 'charged' ? (this.#chargedEmptyAt ?? this.#emptyAt) : this.#emptyAt
  }

  /** What the store is to add; null for nothing. Told by `saved` or `notSaved` what came of it. */
  takeUnsaved(): Spent | null {
    if (this.#unsaved === null) return null
    this.#saving = this.#unsaved
    this.#unsaved = null
    return this.#saving
  }

  /** The store has added it, and this is the sum of what all processes spent. */
  saved(stored: Spent, now: number): void {
    this.#stored = stored
    this.#saving = nothingSpent
    this.#reckon(now)
  }

  /** The store does not have its account, and so nothing to add it to. */
  keepLocally(now: number): void {
    this.saved(sumOf(this.#stored, this.#saving), now)
  }

  /** Another process reckons from a later figure: that one, less what was spent here since the last saving. */
  rebased(baseline: Baseline, stored: Spent): BalanceTracker {
    const tracker = new BalanceTracker(baseline, stored)
    tracker.#unsaved = this.#unsaved
    tracker.#reckon(baseline.at ?? 0)
    return tracker
  }

  saveFailed(): void {
    if (this.#saving !== nothingSpent)
      this.#unsaved = { ...sumOf(this.#saving, this.#unsaved ?? nothingSpent) }
    this.#saving = nothingSpent
  }

  /**
   * The store was read again. While something is being saved, what was read is no sum of anything; and sums only grow,
   * so that a smaller one was read too early.
   */
  read(stored: Spent, now: number): void {
    const isOlder = stored.any < this.#stored.any || stored.charged < this.#stored.charged
    if (this.#saving === nothingSpent && !isOlder) this.saved(stored, now)
  }

  #reckon(now: number): void {
    this.#left = remaining(this.baseline, this.spent)
    this.#amount = this.#left.amount
    this.#noteEmptiness(now)
  }

  #noteEmptiness(now: number): void {
    this.#emptyAt = this.#amount !== null && this.#amount <= 0n ? (this.#emptyAt ?? now) : null
    if (this.baseline.funds === null) return
    const { funds } = this.left
    this.#chargedEmptyAt = funds !== null && funds.charged <= 0n ? (this.#chargedEmptyAt ?? now) : null
  }
}

type Tally = { -readonly [Name in keyof Spent]: Spent[Name] }

/** The same object where nothing is added, so that it can be told by a glance. */
function sumOf(one: Spent, other: Spent): Spent {
  if (other === nothingSpent) return one
  if (one === nothingSpent) return other
  return {
    any: one.any + other.any,
    charged: one.charged + other.charged,
    unknown: one.unknown + other.unknown,
  }
}
