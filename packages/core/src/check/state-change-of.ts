import { type Health, ready, settleAccount } from '../key/account-health.js'
import type { Key } from '../key/key.js'
import type { StateChange } from '../keyring/keyring.js'
import { balanceOf } from '../money/balance.js'
import { correctedBaseline } from '../money/balance-correction.js'
import { nothingSpent } from '../money/balance-estimate.js'
import { blocks, type NeededFunds, neededFunds } from '../money/funds.js'
import type { Provider } from '../provider/provider.js'
import type { Finding } from './probe/checker.js'

/**
 * What a finding changes about a key of the pool and its account; null when it says nothing new. A free request shows
 * the health of key and account only; a model that costs something shows whether there is money as well.
 */
export function stateChangeOf(
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
  // A refusal that does not say why does not even show that the key was accepted.
  if (outcome.kind !== 'success' && outcome.fault !== 'funds') return null
  const open = account.health.status === 'invalid' ? ready : account.health
  const change = open === account.health ? { key: ready } : { key: ready, account: open }
  if (model === null) return change
  const needs = neededFunds(provider.model?.(model, site))
  const health = healthAfter(open, { outcome, needs }, now)
  const evidence = { outcome, needs, isFree: needs === 'nothing', startedAt: now }
  const baseline = correctedBaseline(account.tracker, evidence, { now, currency: provider.currencyOf(site) })
  return {
    ...change,
    ...(health === account.health ? {} : { account: health }),
    ...(baseline === null ? {} : { balance: balanceOf(baseline, nothingSpent) }),
  }
}

/** An account's health after a model, which needs money of that kind, answered or refused for lack of it. */
function healthAfter(
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
