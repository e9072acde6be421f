import type { BalanceView } from '../key/key-view.js'
import type { Outcome } from '../outcome/outcome.js'
import type { Restriction } from '../provider/provider.js'

/** What a check can find out about a key. */
export type VerdictKind = Ruling['verdict']

/** Why nothing could be found out: what failed was not the key. */
export type UnknownCause = 'network' | 'upstream' | 'ip-block' | 'model' | 'request'

interface Words {
  /** The evidence, in words. */
  readonly reason: string
  /** What a person can do about it; null when there is nothing to do. */
  readonly next: string | null
}

/**
 * What was found out about one key:
 * - `valid`: the upstream takes it.
 * - `invalid`: its site refuses it.
 * - `exhausted`: its account has no money.
 * - `restricted`: its account may not do what was tried, although the key is good.
 * - `disabled`: its account is closed, suspended or expired.
 * - `wrong-site`: its site refuses it, and another site of the provider takes it.
 * - `limited`: nothing but a limit stands in its way.
 * - `unknown`: the upstream could not be asked, or could not tell.
 */
export type Ruling =
  | (Words & { readonly verdict: 'valid' | 'invalid' | 'exhausted' | 'disabled' })
  | (Words & { readonly verdict: 'restricted'; readonly restriction: Restriction })
  | (Words & { readonly verdict: 'wrong-site'; readonly rightSite: string })
  | (Words & { readonly verdict: 'limited'; readonly retryAfterMs: number | null })
  | (Words & { readonly verdict: 'unknown'; readonly cause: UnknownCause })

/** The result of checking one key. */
export type Verdict = Ruling & {
  /** Position in the list that was checked. */
  readonly index: number
  /** The pool's id; also given for tokens that are not in the pool. */
  readonly id: string
  /** Masked. */
  readonly key: string
  /** The site that was asked. */
  readonly site: string
  readonly balance: BalanceView | null
}

const next = {
  invalid: 'Remove the key, and create a new one in the provider’s console if one is missing.',
  exhausted: 'Top the account up; until then leave its keys to models that cost nothing.',
  disabled: 'Ask the provider why the account is closed, or remove its keys.',
  limited: 'Check again later, or with fewer checks at a time.',
  wrongSite: (site: string) => `Set the site of the key to ${site}.`,
  'real-name': 'Have the owner of the account verified by name in the provider’s console.',
  'charged-only': 'Recharge the account, or use models that vouchers pay for.',
  tier: 'Use a model that the tier of the account allows, or raise the tier.',
  other: 'See in the provider’s console what the account may use, or try another model.',
  network: 'See whether the upstream can be reached from here, then check again.',
  upstream: 'Check again later: the upstream was in trouble.',
  'ip-block': 'Ask from another address, or after a while: the upstream refuses this one.',
  model: 'Name another model to ask.',
  request: 'See whether the address is that of an API of this provider.',
} as const

/** What an answer says about the key that it was asked with. `restriction`: what the provider's code says of the account. */
export function rulingOf(outcome: Outcome, restriction?: Restriction): Ruling {
  const reason = reasonOf(outcome)
  if (outcome.kind === 'success') return { verdict: 'valid', reason, next: null }
  if (restriction !== undefined)
    return { verdict: 'restricted', restriction, reason, next: next[restriction] }
  switch (outcome.fault) {
    case 'key':
      return { verdict: 'invalid', reason, next: next.invalid }
    case 'disabled':
      return { verdict: 'disabled', reason, next: next.disabled }
    case 'funds':
      return outcome.funds === 'charged'
        ? { verdict: 'restricted', restriction: 'charged-only', reason, next: next['charged-only'] }
        : { verdict: 'exhausted', reason, next: next.exhausted }
    case 'permission':
      return { verdict: 'restricted', restriction: 'other', reason, next: next.other }
    case 'limit':
      return { verdict: 'limited', retryAfterMs: outcome.retryAfterMs ?? null, reason, next: next.limited }
    default: {
      const cause = causeOf(outcome)
      return { verdict: 'unknown', cause, reason, next: next[cause] }
    }
  }
}

/** The key is another site's: its own refused it, and that one took it. */
export function wrongSite(refusal: Outcome, rightSite: string): Ruling {
  const reason = `${rightSite} accepts it; here: ${reasonOf(refusal)}`
  return { verdict: 'wrong-site', rightSite, reason, next: next.wrongSite(rightSite) }
}

/** The account has no money, for the reason given. */
export function exhausted(reason: string): Ruling {
  return { verdict: 'exhausted', reason, next: next.exhausted }
}

/** The account has nothing but vouchers, for the reason given. */
export function withoutRecharge(reason: string): Ruling {
  return { verdict: 'restricted', restriction: 'charged-only', reason, next: next['charged-only'] }
}

function causeOf({ fault }: Outcome): UnknownCause {
  if (fault === 'network' || fault === 'ip-block' || fault === 'model') return fault
  return fault === 'caller' ? 'request' : fault === undefined ? 'network' : 'upstream'
}

/** The evidence for a verdict, as a person reads it: the upstream's words first, for a narrow column shows no more. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.kind === 'success') return 'accepted by the upstream'
  const status = outcome.status === undefined ? outcome.kind : `HTTP ${outcome.status}`
  const code = outcome.code === undefined ? '' : ` code ${outcome.code}`
  if (outcome.message === undefined) return `${status}${code}`
  // Reports go to terminals and logs, which obey control characters.
  return `${outcome.message.replace(/\p{Cc}+/gu, ' ').trim()} (${status}${code})`
}
