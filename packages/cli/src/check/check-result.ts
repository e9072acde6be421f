import type { BalanceView, Restriction, UnknownCause, Verdict, VerdictKind } from '@sfpool/core'

/** The result for one key, as `check --json` and each line of `--format jsonl` print it. It contains no secret. */
export interface CheckResult {
  /** The line of the key in the file; null for keys of the store. */
  readonly line: number | null
  /** The key's id, which follows from the secret and is the same everywhere. */
  readonly id: string
  /** The masked key. */
  readonly key: string
  readonly label: string | null
  readonly site: string
  readonly verdict: VerdictKind
  /** The evidence for the verdict, in words. */
  readonly reason: string
  /** Advice what to do; null when there is nothing to do. */
  readonly next: string | null
  readonly balance: BalanceView | null
  /** With `restricted`: the kind of restriction. */
  readonly restriction?: Restriction
  /** With `wrong-site`: the site to which the key belongs. */
  readonly rightSite?: string
  /** With `unknown`: the cause of the failure. */
  readonly cause?: UnknownCause
  /** With `limited`: how long the upstream asks to wait, if it says so. */
  readonly retryAfterMs?: number
  /** Present when the balance is known and below the required minimum. */
  readonly low?: true
}

/** All verdicts, in the order in which summaries list them. */
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

/** Converts a verdict into a result. The caller provides `line` and `label`. */
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
