import type { VerdictKind } from '@sfpool/core'
import { type ExitCode, exitCodes } from '../exit-code.js'
import { type CheckResult, verdictKinds } from './check-result.js'

export type CheckSummary = Readonly<
  Record<VerdictKind | 'total' | 'duplicates' | 'rejected', number> & {
    /** Valid keys with a balance below `--min-balance`. */
    low: number
    /** Keys whose result comes from an earlier run. */
    resumed: number
  }
>

/** Counts results as they come, so that none has to be kept. */
export class CheckCounters {
  readonly #counts = new Map<VerdictKind, number>()
  #low = 0
  #resumed = 0
  /** Valid keys whose balance is unknown. */
  #unproven = 0

  add({ verdict, low, balance }: Pick<CheckResult, 'verdict' | 'low' | 'balance'>): void {
    this.#count(verdict)
    if (low === true) this.#low++
    if (verdict === 'valid' && balance?.amount == null) this.#unproven++
  }

  /** Counts a key whose result comes from an earlier run. */
  addEarlier(verdict: VerdictKind): void {
    this.#count(verdict)
    this.#resumed++
  }

  /** The number of keys by verdict, for verdicts that occurred. */
  get counts(): ReadonlyMap<VerdictKind, number> {
    return this.#counts
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  get resumed(): number {
    return this.#resumed
  }

  get low(): number {
    return this.#low
  }

  get unproven(): number {
    return this.#unproven
  }

  summary({ duplicates, rejected }: { duplicates: number; rejected: number }): CheckSummary {
    const counts = Object.fromEntries(verdictKinds.map((kind) => [kind, this.#counts.get(kind) ?? 0]))
    return {
      total: this.total,
      ...(counts as Record<VerdictKind, number>),
      duplicates,
      rejected,
      low: this.#low,
      resumed: this.#resumed,
    }
  }

  /**
   * Returns 3 when nothing was verified: the fault is not the keys'. Otherwise returns 1 when a key failed or a line held
   * no key, and 3 when a required verdict or balance is unknown.
   */
  exitCode(asked: {
    readonly failOn: readonly VerdictKind[]
    readonly rejected: number
    readonly hasMinimum: boolean
  }): ExitCode {
    const { failOn, rejected, hasMinimum } = asked
    const isFailed = (kind: VerdictKind): boolean => failOn.includes(kind) && this.#counts.has(kind)
    if (this.total > 0 && this.#counts.get('unknown') === this.total && failOn.includes('unknown'))
      return exitCodes.unverified
    if (rejected > 0 || this.#low > 0 || verdictKinds.some((kind) => kind !== 'unknown' && isFailed(kind)))
      return exitCodes.shortfall
    const isUnproven = hasMinimum && this.#unproven > 0 && failOn.includes('unknown')
    return isFailed('unknown') || isUnproven ? exitCodes.unverified : exitCodes.ok
  }

  #count(verdict: VerdictKind): void {
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1)
  }
}
