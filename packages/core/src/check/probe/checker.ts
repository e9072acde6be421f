import { withoutSecret } from '../../key/redact.js'
import { Secret } from '../../key/secret.js'
import { maskTokens } from '../../mask.js'
import type { Outcome } from '../../outcome/outcome.js'
import { isAboveZero } from '../../provider/is-above-zero.js'
import type { ChatProbe, ModelFacts, Provider } from '../../provider/provider.js'
import type { Upstream } from '../../relay/attempt/upstream.js'
import { probeBalance, type ReportedBalance } from './probe-balance.js'
import { type ProbedKey, type ProbeOptions, probeChat, probeKey } from './probe-key.js'
import {
  exhaustedRuling,
  type Ruling,
  reasonOf,
  rulingOf,
  vouchersOnlyRuling,
  wrongSiteRuling,
} from './ruling.js'
import type { UnsupportedEndpoints } from './unsupported-endpoints.js'

/** What is asked: the list of models, the balance endpoint, or a model for one token, which costs money. */
export type ProbeName = 'models' | 'balance' | 'chat'

/** What one try at a key found out. */
export interface Finding {
  readonly ruling: Ruling
  /** The answer that the ruling follows from, without the token in its text. */
  readonly outcome: Outcome
  /** The balance that the site reported; null when it was not asked, or its answer holds no amount. */
  readonly reported: ReportedBalance | null
  /** The model that answered or refused; null when none was asked. */
  readonly model: string | null
}

export interface CheckerParts {
  readonly upstream: Upstream
  readonly probe: ProbeName
  /** The model of a chat probe, instead of the provider's own. */
  readonly model: string | undefined
  readonly unsupported: UnsupportedEndpoints
}

/** Asks the upstream about one key at a time, and rules on the answer. Knows neither the pool nor the batch. */
export class Checker {
  readonly #parts: CheckerParts

  constructor(parts: CheckerParts) {
    this.#parts = parts
  }

  /** One try: a request or two, and one more on each other site when the key is refused. */
  async try(key: ProbedKey, options: ProbeOptions): Promise<Finding> {
    const answer = await this.#ask(key, options)
    const outcome = withoutSecret(answer.outcome, new Secret(key.token))
    const finding = { ...answer, outcome, ruling: this.#rulingOn(answer, outcome, key) }
    return finding.ruling.verdict === 'invalid' ? this.#askOtherSites(finding, key, options) : finding
  }

  async #ask(key: ProbedKey, options: ProbeOptions): Promise<Omit<Finding, 'ruling'>> {
    const { upstream, probe, unsupported } = this.#parts
    if (probe === 'chat') {
      const chat = chatProbeOf(this.#parts, key.site)
      const outcome = await probeChat(upstream, key, { ...options, chat })
      return { outcome, reported: null, model: chat.model }
    }
    if (probe === 'models')
      return { outcome: await probeKey(upstream, key, options), reported: null, model: null }
    const { outcome, reported } = await probeBalance(upstream, key, { ...options, unsupported })
    // An endpoint that is gone, or gives an unreadable answer, says nothing about the key.
    if (outcome !== null && reported?.balance.source !== 'unsupported' && concernsKey(outcome, reported))
      return { outcome, reported, model: null }
    return { outcome: await probeKey(upstream, key, options), reported, model: null }
  }

  #rulingOn({ reported, model }: Omit<Finding, 'ruling'>, outcome: Outcome, key: ProbedKey): Ruling {
    const { provider } = this.#parts.upstream
    const ruling = rulingOf(outcome, provider.restrictionOf?.(outcome))
    if (model !== null)
      return chatRuling(ruling, { outcome, model, facts: provider.model?.(model, key.site) })
    return ruling.verdict === 'valid' && reported !== null
      ? balanceRuling(ruling, reported, provider)
      : ruling
  }

  /** The key may belong to another site of the provider: only that site's acceptance shows it. */
  async #askOtherSites(finding: Finding, key: ProbedKey, options: ProbeOptions): Promise<Finding> {
    const { upstream } = this.#parts
    const unanswered: string[] = []
    for (const site of upstream.provider.otherSites?.(key.site) ?? []) {
      const { kind, fault } = await probeKey(upstream, { ...key, site }, options)
      // A site that knows the account as closed is the key's own site all the same.
      if (kind === 'success' || fault === 'disabled')
        return { ...finding, ruling: wrongSiteRuling(finding.outcome, site) }
      if (fault !== 'key') unanswered.push(site)
    }
    if (unanswered.length === 0) return finding
    const reason = `${finding.ruling.reason}; ${unanswered.join(', ')} could not be asked`
    return { ...finding, ruling: { ...finding.ruling, reason } }
  }
}

/** The chat probe of a site. The provider or the caller must name its model. */
function chatProbeOf({ upstream, model }: Pick<CheckerParts, 'upstream' | 'model'>, site: string): ChatProbe {
  const own = upstream.provider.chatProbe?.(site)
  return model === undefined || model === own?.model ? (own ?? { model: '' }) : { model }
}

/** Whether a balance endpoint's answer says something about the key. Without an amount only some refusals do. */
const concernsKey = ({ kind, fault }: Outcome, reported: ReportedBalance | null): boolean =>
  kind === 'success' ? reported !== null : fault !== 'caller' && fault !== 'model' && fault !== 'permission'

function chatRuling(
  ruling: Ruling,
  given: { outcome: Outcome; model: string; facts: ModelFacts | undefined },
): Ruling {
  const { outcome, facts } = given
  // A caller may have given a token where a model's name belongs.
  const model = maskTokens(given.model)
  if (ruling.verdict === 'valid') {
    const price = facts?.free === true ? ', which costs nothing and tells nothing of money' : ''
    return { ...ruling, reason: `${model} answered${price}` }
  }
  const reason = `${reasonOf(outcome)}; asked ${model}`
  // Vouchers do not pay for this model, so the account may have some.
  if (ruling.verdict === 'exhausted' && facts?.chargedOnly === true) return vouchersOnlyRuling(reason)
  const isOfModel =
    ruling.verdict === 'restricted' || ruling.verdict === 'limited' || outcome.fault === 'model'
  return isOfModel ? { ...ruling, reason } : ruling
}

function balanceRuling(ruling: Ruling, { balance }: ReportedBalance, { balance: facts }: Provider): Ruling {
  const { amount, currency, source } = balance
  if (amount === null) {
    const why =
      source === 'unsupported' ? 'the upstream no longer tells balances' : 'no balance in its answer'
    return { ...ruling, reason: `${ruling.reason}; ${why}` }
  }
  if (isAboveZero(amount)) return { ...ruling, reason: `${ruling.reason}; balance ${amount} ${currency}` }
  const apart = facts?.isPartial === true ? ', vouchers not counted: only a chat probe finds those' : ''
  return exhaustedRuling(`balance ${amount} ${currency}${apart}`)
}
