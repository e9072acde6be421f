import { withoutSecret } from '../key/redact.js'
import { Secret } from '../key/secret.js'
import { maskTokens } from '../mask.js'
import type { Outcome } from '../outcome/outcome.js'
import { isAboveZero } from '../provider/balance-facts.js'
import type { ModelFacts, Provider } from '../provider/provider.js'
import type { Upstream } from '../relay/attempt/upstream.js'
import {
  type AskedKey,
  type ChatQuestion,
  type FoundBalance,
  probeBalance,
  probeChat,
  probeKey,
  type TryOptions,
} from './probe.js'
import type { UnsupportedEndpoints } from './unsupported-endpoints.js'
import { exhausted, type Ruling, reasonOf, rulingOf, withoutRecharge, wrongSite } from './verdict.js'

/** What is asked: the list of models, the balance endpoint, or a model for one token, which costs money. */
export type ProbeName = 'models' | 'balance' | 'chat'

/** What one try at a key found out. */
export interface Finding {
  readonly ruling: Ruling
  /** The answer that the ruling rests on, without the key in its words. */
  readonly outcome: Outcome
  readonly found: FoundBalance | null
  /** The model that answered or refused, when one was asked. */
  readonly model: string | null
}

export interface CheckerParts {
  readonly upstream: Upstream
  readonly probe: ProbeName
  /** The model of a chat probe, in the place of the provider's own. */
  readonly model: string | undefined
  readonly gone: UnsupportedEndpoints
}

/** Asks about one key at a time, and judges it. Knows neither pool nor batch. */
export class Checker {
  readonly #parts: CheckerParts

  constructor(parts: CheckerParts) {
    this.#parts = parts
  }

  /** One try: a request or two, and one more on each other site when the key is refused. */
  async try(key: AskedKey, options: TryOptions): Promise<Finding> {
    const finding = await this.#ask(key, options)
    const outcome = withoutSecret(finding.outcome, new Secret(key.token))
    const bare = { ...finding, outcome, ruling: this.#ruling(finding, outcome, key) }
    return bare.ruling.verdict === 'invalid' ? this.#askElsewhere(bare, key, options) : bare
  }

  async #ask(key: AskedKey, options: TryOptions): Promise<Omit<Finding, 'ruling'>> {
    const { upstream, probe, gone } = this.#parts
    if (probe === 'chat') {
      const chat = chatQuestionOf(this.#parts, key.site)
      const outcome = await probeChat(upstream, key, { ...options, chat })
      return { outcome, found: null, model: chat.model }
    }
    if (probe === 'models')
      return { outcome: await probeKey(upstream, key, options), found: null, model: null }
    const { outcome, found } = await probeBalance(upstream, key, { ...options, gone })
    // An endpoint that is gone, or says what nobody understands, tells nothing of the key.
    if (outcome !== null && found?.balance.source !== 'unsupported' && tellsOfKey(outcome, found))
      return { outcome, found, model: null }
    return { outcome: await probeKey(upstream, key, options), found, model: null }
  }

  #ruling({ found, model }: Omit<Finding, 'ruling'>, outcome: Outcome, key: AskedKey): Ruling {
    const { provider } = this.#parts.upstream
    const ruling = rulingOf(outcome, provider.restrictionOf?.(outcome))
    if (model !== null)
      return chatRuling(ruling, { outcome, model, facts: provider.model?.(model, key.site) })
    return ruling.verdict === 'valid' && found !== null ? balanceRuling(ruling, found, provider) : ruling
  }

  /** The key may be another site's: that is known only when the other site takes it. */
  async #askElsewhere(finding: Finding, key: AskedKey, options: TryOptions): Promise<Finding> {
    const { upstream } = this.#parts
    const unasked: string[] = []
    for (const site of upstream.provider.otherSites?.(key.site) ?? []) {
      const { kind, fault } = await probeKey(upstream, { ...key, site }, options)
      // An account that is closed over there is at home there all the same.
      if (kind === 'success' || fault === 'disabled')
        return { ...finding, ruling: wrongSite(finding.outcome, site) }
      if (fault !== 'key') unasked.push(site)
    }
    if (unasked.length === 0) return finding
    const reason = `${finding.ruling.reason}; ${unasked.join(', ')} could not be asked`
    return { ...finding, ruling: { ...finding.ruling, reason } }
  }
}

/** The model that a chat probe asks, which the provider or the caller must name. */
export function chatQuestionOf(
  { upstream, model }: Pick<CheckerParts, 'upstream' | 'model'>,
  site: string,
): ChatQuestion {
  const own = upstream.provider.chatProbe?.(site)
  return model === undefined || model === own?.model ? (own ?? { model: '' }) : { model }
}

/** An answer without an amount still tells of the key when it is a refusal that says why. */
const tellsOfKey = ({ kind, fault }: Outcome, found: FoundBalance | null): boolean =>
  kind === 'success' ? found !== null : fault !== 'caller' && fault !== 'model' && fault !== 'permission'

function chatRuling(
  ruling: Ruling,
  given: { outcome: Outcome; model: string; facts: ModelFacts | undefined },
): Ruling {
  const { outcome, facts } = given
  // It may be a key that somebody gave in the wrong place.
  const model = maskTokens(given.model)
  if (ruling.verdict === 'valid') {
    const price = facts?.free === true ? ', which costs nothing and tells nothing of money' : ''
    return { ...ruling, reason: `${model} answered${price}` }
  }
  const reason = `${reasonOf(outcome)}; asked ${model}`
  // Vouchers do not pay for it, so there may be some.
  if (ruling.verdict === 'exhausted' && facts?.chargedOnly === true) return withoutRecharge(reason)
  const isOfModel =
    ruling.verdict === 'restricted' || ruling.verdict === 'limited' || outcome.fault === 'model'
  return isOfModel ? { ...ruling, reason } : ruling
}

function balanceRuling(ruling: Ruling, { balance }: FoundBalance, { balance: facts }: Provider): Ruling {
  const { amount, currency, source } = balance
  if (amount === null) {
    const why =
      source === 'unsupported' ? 'the upstream no longer tells balances' : 'no balance in its answer'
    return { ...ruling, reason: `${ruling.reason}; ${why}` }
  }
  if (isAboveZero(amount)) return { ...ruling, reason: `${ruling.reason}; balance ${amount} ${currency}` }
  const apart = facts?.isPartial === true ? ', vouchers not counted: only a chat probe finds those' : ''
  return exhausted(`balance ${amount} ${currency}${apart}`)
}
