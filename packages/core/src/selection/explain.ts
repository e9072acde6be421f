import type { Eligibility } from './request-eligibility.js'
import type { Survey } from './survey.js'

/** Says why a key may or may not serve a request now. The JSON shape of `sfpool explain --json`. */
export interface ExplainedKey {
  readonly id: string
  /** Masked. */
  readonly key: string
  readonly label: string | null
  readonly account: string
  readonly eligible: boolean
  /** The reason in words. */
  readonly why: string
  /** When the reason ends by itself: ISO 8601, UTC; null when it does not, or the time is unknown. */
  readonly until: string | null
}

export interface Explanation {
  readonly model: string
  /** The key that would serve now; null when none would, or when the strategy cannot foresee it. */
  readonly chosen: string | null
  readonly keys: readonly ExplainedKey[]
}

/** Puts a survey into words: which key would serve the request, and why each other key would not. */
export function explanationOf({
  model,
  chosen,
  eligibilities,
}: Survey & { readonly model: string }): Explanation {
  const keys = Array.from(eligibilities, ([key, eligibility]): ExplainedKey => {
    const isEligible = eligibility.why === null
    return {
      id: key.id,
      key: key.secret.mask,
      label: key.label,
      account: key.account.id,
      eligible: isEligible,
      why:
        key === chosen
          ? isEligible
            ? 'serves next'
            : `serves next, though it is ${wordsOf(eligibility, model)}`
          : wordsOf(eligibility, model),
      until: eligibility.until === null ? null : new Date(eligibility.until).toISOString(),
    }
  })
  return { model, chosen: chosen?.id ?? null, keys }
}

function wordsOf({ why, detail }: Eligibility, model: string): string {
  const on = model === '' ? 'requests without a model' : model
  const more = detail === null ? '' : `: ${detail}`
  switch (why) {
    case null:
      return 'eligible, not its turn'
    case 'disabled':
      return 'disabled by the operator'
    case 'unselected':
      return 'left out by the key mode'
    case 'invalid':
      return `invalid${more}`
    case 'refused':
      return `refused by the upstream, which will be asked again${more}`
    case 'failing':
      return `cooling after unexplained failures in a row${more}`
    case 'cooling':
      return `cooling on ${on}${more}`
    case 'exhausted':
      return `exhausted${more}`
    case 'probing':
      return 'probing: another request is its trial'
    case 'busy':
      return 'busy: as many calls run as limits.concurrency or pacing allows'
    case 'other-account':
      return 'of another account than the one that is asked for'
    case 'not-allowed':
      return `not for ${on} by rules.models`
    case 'paced':
      return 'outside the pacing window, which other keys have'
    case 'inferred-cooldown':
      return `cooling on ${on} (inferred), tried when nothing else is ready${more}`
    case 'limited':
      return `at its limit on ${on}`
    case 'tried':
      return 'tried for this request already'
  }
}
