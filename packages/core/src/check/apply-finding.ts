import { type Health, ready, settleAccount } from '../key/account-health.js'
import type { Key, KeyAccount } from '../key/key.js'
import type { StateChange } from '../keyring/keyring.js'
import { balanceOf } from '../money/balance.js'
import { correctedBaseline } from '../money/balance-correction.js'
import { nothingSpent } from '../money/estimate.js'
import { blocks, type NeededFunds, neededFunds } from '../money/funds.js'
import type { Provider } from '../provider/provider.js'
import type { Finding } from './checker.js'
import { exhaustedRuling, type Ruling, vouchersOnlyRuling } from './ruling.js'

/**
 * The change of state that a finding about one of the pool's own keys leads to; null when it says nothing new. A free
 * request is about key and account only; a model that costs something is about money, too.
 */
export function applyFinding(
  { account, site }: Key,
  { ruling, outcome, model }: Finding,
  { provider, now }: { provider: Provider; now: number },
): StateChange | null {
  const refused = { status: 'invalid' as const, reason: ruling.reason, since: now }
  switch (ruling.verdict) {
    case 'invalid':
    case 'wrong-site':
      return { key: refused }
    case 'disabled':
      return { account: refused }
    case 'unknown':
    case 'limited':
      return null
  }
  // A refusal without a word that explains it does not even say that the key was accepted.
  if (outcome.kind !== 'success' && outcome.fault !== 'funds') return null
  const open = account.health.status === 'invalid' ? ready : account.health
  const change = open === account.health ? { key: ready } : { key: ready, account: open }
  if (model === null) return change
  const needs = neededFunds(provider.model?.(model, site))
  const paid = paidFor(open, { outcome, needs }, now)
  const evidence = { outcome, needs, isFree: needs === 'nothing', startedAt: now }
  const baseline = correctedBaseline(account.tracker, evidence, { now, currency: provider.currencyOf(site) })
  return {
    ...change,
    ...(paid === account.health ? {} : { account: paid }),
    ...(baseline === null ? {} : { balance: balanceOf(baseline, nothingSpent) }),
  }
}

/**
 * The ruling together with what live requests have shown: a free probe that a key passes does not undo that its account
 * was out of money when it was last used.
 */
export function withKnownHealth({ ruling, model, reported }: Finding, { health }: KeyAccount): Ruling {
  const isUnknown = ruling.verdict === 'valid' && model === null && reported?.balance.amount == null
  if (!isUnknown || health.status !== 'exhausted') return ruling
  const seen = `${ruling.reason}; out of money when it was last used`
  return health.funds === 'charged' ? vouchersOnlyRuling(`${seen}, vouchers apart`) : exhaustedRuling(seen)
}

function paidFor(
  health: Health,
  { outcome, needs }: { outcome: Finding['outcome']; needs: NeededFunds },
  now: number,
): Health {
  if (outcome.kind !== 'success')
    return settleAccount(health, { outcome, isTrial: false, needs, isTrusted: true }, now)
  const isLacking =
    health.status === 'exhausted' || (health.status === 'probing' && health.after === 'exhausted')
  return isLacking && blocks(health.funds, needs) ? ready : health
}
