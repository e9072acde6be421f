import type { BalanceView } from '../key/key-view.js'
import type { Ruling } from './probe/ruling.js'

/** The kinds of result that a check of a key can have. */
export type VerdictKind = Ruling['verdict']

/** The result of checking one key. */
export type Verdict = Ruling & {
  /** Position in the list that was checked. */
  readonly index: number
  /** The key's id in the pool; also given for a token that the pool does not hold. */
  readonly id: string
  /** The token, masked. */
  readonly key: string
  /** The site that was asked. */
  readonly site: string
  /** What the key's account has; null for a token that the pool does not hold, unless its balance was asked for. */
  readonly balance: BalanceView | null
}
