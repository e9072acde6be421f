import type { Balance } from '../../money/balance.js'
import type { Outcome } from '../../outcome/outcome.js'
import type { BalanceReading } from '../../provider/balance-facts.js'
import { ask } from '../../relay/attempt/ask.js'
import type { Upstream } from '../../relay/attempt/upstream.js'
import { difference } from '../../wire/exact-json.js'
import { askInput, type ProbedKey, type ProbeOptions } from './probe-key.js'
import type { UnsupportedEndpoints } from './unsupported-endpoints.js'

/** The balance of a key's account, as its site reports it. */
export interface ReportedBalance {
  readonly balance: Balance
  /** The reading that the balance was made of; null when the site has no balance endpoint. */
  readonly reading: BalanceReading | null
}

/** The answer of a balance endpoint. */
export interface BalanceAnswer {
  /** Null when the endpoint was not asked. */
  readonly outcome: Outcome | null
  /** Null when the answer holds no amount. */
  readonly reported: ReportedBalance | null
}

/**
 * Asks the upstream once how much money a key's account has left. A site without a balance endpoint, or one whose
 * endpoint was gone a short while ago, is not asked: its `unsupported` says nothing about the key or its money.
 */
export async function probeBalance(
  upstream: Upstream,
  key: ProbedKey,
  options: ProbeOptions & { readonly unsupported: UnsupportedEndpoints },
): Promise<BalanceAnswer> {
  const { provider, runtime } = upstream
  const { unsupported } = options
  const { balance: facts } = provider
  if (facts === undefined || unsupported.has(key.site, runtime.now()))
    return { outcome: null, reported: unsupportedBalance(upstream, key.site) }
  const bodies: string[] = []
  let last: Outcome = { kind: 'aborted' }
  for (const path of facts.paths((fromToday) => dayOf(runtime.now() + fromToday * dayMs))) {
    const { outcome, body } = await ask(upstream, askInput(key, options, path))
    last = outcome
    if (outcome.status === 410 || outcome.status === 404) {
      unsupported.add(key.site, runtime.now())
      return { outcome, reported: unsupportedBalance(upstream, key.site) }
    }
    if (outcome.kind !== 'success') return { outcome, reported: null }
    bodies.push(body)
  }
  const reading = facts.read(bodies, key.site)
  if (reading === undefined) return { outcome: last, reported: null }
  const { amount, currency } = reading
  const balance = { amount, currency, source: 'known' as const, at: runtime.now(), funds: fundsOf(reading) }
  return { outcome: last, reported: { balance, reading } }
}

/** The amount by kind of money. Of the two kinds one is enough: the other is the rest of the amount. */
function fundsOf({ amount, charged, gift }: BalanceReading): NonNullable<Balance['funds']> | null {
  if (charged === undefined && gift === undefined) return null
  return {
    charged: charged ?? difference(amount, gift ?? '0'),
    gift: gift ?? difference(amount, charged ?? '0'),
  }
}

const dayMs = 24 * 60 * 60_000
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

const unsupportedBalance = ({ provider, runtime }: Upstream, site: string): ReportedBalance => ({
  balance: {
    amount: null,
    currency: provider.currencyOf(site),
    source: 'unsupported',
    at: runtime.now(),
  },
  reading: null,
})
