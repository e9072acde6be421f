import type { BalanceView, Restriction, UnknownCause, Verdict, VerdictKind } from '@sfpool/core'

/** What a check found out about one key: the JSON of `check --json` and of each line of `--format jsonl`. No secret. */
export interface CheckResult {
  /** Where the key stood in the file; null for keys of the store. */
  readonly line: number | null
  /** The key's id, which is the same wherever and whenever the key is met. */
  readonly id: string
  /** Masked. */
  readonly key: string
  readonly label: string | null
  readonly site: string
  readonly verdict: VerdictKind
  /** The evidence, in words. */
  readonly reason: string
  /** What a person can do about it; null when there is nothing to do. */
  readonly next: string | null
  readonly balance: BalanceView | null
  /** With `restricted`: why. */
  readonly restriction?: Restriction
  /** With `wrong-site`: where the key is at home. */
  readonly rightSite?: string
  /** With `unknown`: what failed. */
  readonly cause?: UnknownCause
  /** With `limited`: how long the upstream asks to wait, where it does. */
  readonly retryAfterMs?: number
  /** The balance is known, and below what was asked for. */
  readonly low?: true
}

/** All verdicts, in the order in which they are counted up. */
export const verdictKinds: readonly VerdictKind[] = [
  'valid',
  'invalid',
  'exhausted',
  'restricted',
  'disabled',
  'wrong-site',
  'limited',
  'unknown',
]

/** A verdict as a result: `line` and `label` are for the caller to know. */
export function resultOf(
  verdict: Verdict,
  { line, label }: Pick<CheckResult, 'line' | 'label'>,
): CheckResult {
  const { id, key, site, reason, next, balance } = verdict
  return {
    line,
    id,
    key,
    label,
    site,
    verdict: verdict.verdict,
    reason,
    next,
    balance,
    ...particulars(verdict),
  }
}

function particulars(verdict: Verdict): Partial<CheckResult> {
  switch (verdict.verdict) {
    case 'restricted':
      return { restriction: verdict.restriction }
    case 'wrong-site':
      return { rightSite: verdict.rightSite }
    case 'unknown':
      return { cause: verdict.cause }
    case 'limited':
      return verdict.retryAfterMs === null ? {} : { retryAfterMs: verdict.retryAfterMs }
    default:
      return {}
  }
}
