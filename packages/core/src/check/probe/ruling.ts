import type { Outcome } from '../../outcome/outcome.js'
import type { Restriction } from '../../provider/provider.js'

/** Why a check found nothing out: something other than the key failed. */
export type UnknownCause = 'network' | 'upstream' | 'ip-block' | 'model' | 'request'

interface Evidence {
  /** The evidence, in words. */
  readonly reason: string
  /** What a person can do about it; null when there is nothing to do. */
  readonly next: string | null
}

/**
 * What a check found out about one key:
 * - `valid`: the upstream accepts the key.
 * - `invalid`: the key's site refuses it.
 * - `exhausted`: the key's account has no money.
 * - `restricted`: the key is good, and its account may not do what was tried.
 * - `disabled`: the key's account is closed, suspended or expired.
 * - `wrong-site`: the key's site refuses it, and another site of the provider accepts it.
 * - `limited`: only a limit keeps the key from being served.
 * - `unknown`: the upstream could not be asked, or its answer says nothing about the key.
 */
export type Ruling =
  | (Evidence & { readonly verdict: 'valid' | 'invalid' | 'exhausted' | 'disabled' })
  | (Evidence & { readonly verdict: 'restricted'; readonly restriction: Restriction })
  | (Evidence & { readonly verdict: 'wrong-site'; readonly rightSite: string })
  | (Evidence & { readonly verdict: 'limited'; readonly retryAfterMs: number | null })
  | (Evidence & { readonly verdict: 'unknown'; readonly cause: UnknownCause })

const advice = {
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

/** Rules on a key by the answer to it. `restriction`: what the provider's error code says about the account. */
export function rulingOf(outcome: Outcome, restriction?: Restriction): Ruling {
  const reason = reasonOf(outcome)
  if (outcome.kind === 'success') return { verdict: 'valid', reason, next: null }
  if (restriction !== undefined)
    return { verdict: 'restricted', restriction, reason, next: advice[restriction] }
  switch (outcome.fault) {
    case 'key':
      return { verdict: 'invalid', reason, next: advice.invalid }
    case 'disabled':
      return { verdict: 'disabled', reason, next: advice.disabled }
    case 'funds':
      return outcome.funds === 'charged'
        ? { verdict: 'restricted', restriction: 'charged-only', reason, next: advice['charged-only'] }
        : { verdict: 'exhausted', reason, next: advice.exhausted }
    case 'permission':
      return { verdict: 'restricted', restriction: 'other', reason, next: advice.other }
    case 'limit':
      return { verdict: 'limited', retryAfterMs: outcome.retryAfterMs ?? null, reason, next: advice.limited }
    default: {
      const cause = causeOf(outcome)
      return { verdict: 'unknown', cause, reason, next: advice[cause] }
    }
  }
}

/** Rules that the key belongs to another site: its own site refused it, and `rightSite` accepted it. */
export function wrongSiteRuling(refusal: Outcome, rightSite: string): Ruling {
  const reason = `${rightSite} accepts it; here: ${reasonOf(refusal)}`
  return { verdict: 'wrong-site', rightSite, reason, next: advice.wrongSite(rightSite) }
}

/** Rules that the account has no money, for the reason given. */
export function exhaustedRuling(reason: string): Ruling {
  return { verdict: 'exhausted', reason, next: advice.exhausted }
}

/** Rules that the account has nothing but vouchers, for the reason given. */
export function vouchersOnlyRuling(reason: string): Ruling {
  return { verdict: 'restricted', restriction: 'charged-only', reason, next: advice['charged-only'] }
}

function causeOf({ fault }: Outcome): UnknownCause {
  if (fault === 'network' || fault === 'ip-block' || fault === 'model') return fault
  return fault === 'caller' ? 'request' : fault === undefined ? 'network' : 'upstream'
}

/** Words the evidence for a person. The upstream's own words come first: a narrow column shows no more. */
export function reasonOf(outcome: Outcome): string {
  if (outcome.kind === 'success') return 'accepted by the upstream'
  const status = outcome.status === undefined ? outcome.kind : `HTTP ${outcome.status}`
  const code = outcome.code === undefined ? '' : ` code ${outcome.code}`
  if (outcome.message === undefined) return `${status}${code}`
  // Terminals and logs, where reports end up, obey control characters.
  return `${outcome.message.replace(/\p{Cc}+/gu, ' ').trim()} (${status}${code})`
}
