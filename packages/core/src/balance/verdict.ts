import type { Outcome } from '../key/outcome.js'
import type { BalanceView } from '../key/view.js'

/** What a check can find out about a key. */
export type VerdictKind =
  | 'valid'
  | 'invalid'
  | 'exhausted'
  | 'restricted'
  | 'disabled'
  | 'wrong-site'
  | 'limited'
  | 'unknown'

/** The result of checking one key. */
export interface Verdict {
  /** Position in the list that was checked. */
  readonly index: number
  /** The pool's id; also given for tokens that are not in the pool. */
  readonly id: string
  /** Masked. */
  readonly key: string
  readonly verdict: VerdictKind
  /** The evidence, in words. */
  readonly reason: string
  readonly balance: BalanceView | null
}

/** What an outcome of the free probe says about the key that made it. */
export function verdictOf(outcome: Outcome): VerdictKind {
  if (outcome.kind === 'success') return 'valid'
  switch (outcome.fault) {
    case 'key':
      return 'invalid'
    case 'disabled':
      return 'disabled'
    case 'funds':
      return 'exhausted'
    case 'permission':
      return 'restricted'
    case 'limit':
      return 'limited'
    default:
      return 'unknown'
  }
}

/** The evidence for a verdict, as a person reads it. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.kind === 'success') return 'accepted by the upstream'
  const status = outcome.status === undefined ? outcome.kind : `HTTP ${outcome.status}`
  const code = outcome.code === undefined ? '' : ` code ${outcome.code}`
  return outcome.message === undefined ? `${status}${code}` : `${status}${code}: ${outcome.message}`
}
