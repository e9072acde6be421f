import type { PoolEmitter } from '../events.js'
import type { KeyAccount } from '../key/key.js'
import type { Keyring } from '../keyring/keyring.js'
import { balanceOf } from '../money/balance.js'
import { type Baseline, nothingSpent, toppedUp } from '../money/balance-estimate.js'
import type { BalanceTracker } from '../money/balance-tracker.js'
import { parseMoney } from '../money/decimal.js'
import type { Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import { defaultUpstream } from '../store/default-upstream.js'
import type { Store } from '../store/store.js'

/** A balance that the operator entered for a key's account; undefined when none was entered. */
export type EnteredBalance = readonly [id: string, text: string | undefined]

export interface EnteredBalanceParts {
  readonly keyring: Keyring
  readonly store: Store
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: PoolEmitter
}

/** Sets accounts to the balances that the operator entered. Resolves when they are stored. */
export async function enterBalances(
  parts: EnteredBalanceParts,
  entered: readonly EnteredBalance[],
): Promise<void> {
  const { keyring, provider, runtime, store, events } = parts
  const changed = new Set<KeyAccount>()
  for (const [id, text] of entered) {
    const key = keyring.keys.get(id)
    if (text === undefined || key === undefined) continue
    const origin = { currency: provider.currencyOf(key.site), now: runtime.now() }
    const baseline = enteredBaseline(key.account, text, origin)
    if (baseline === null) continue
    keyring.restore(key, { balance: balanceOf(baseline, nothingSpent) })
    changed.add(key.account)
  }
  const trackers = Array.from(changed, (account) => ({ account, tracker: account.tracker as BalanceTracker }))
  for (const { account, tracker } of trackers)
    events.emit('balance-updated', { account: account.id, balance: tracker.balance })
  await storeBaselines(store, trackers)
}

async function storeBaselines(
  store: Store,
  entered: readonly { readonly account: KeyAccount; readonly tracker: BalanceTracker }[],
): Promise<void> {
  if (entered.length === 0) return
  try {
    await store.putBalances(
      entered.map(({ account, tracker }) => ({
        upstream: defaultUpstream,
        id: account.id,
        baseline: tracker.baseline,
        spent: nothingSpent,
      })),
    )
    for (const { tracker } of entered) tracker.isNew = false
  } catch {
    // The keys themselves are stored. Their baselines are part of the next save, which reports a failure.
  }
}

/**
 * Reads an entered amount: what the account has now, or with a plus sign, as in `+12.50`, what was added to it. An
 * addition to an unknown amount changes nothing.
 */
function enteredBaseline(
  { tracker }: KeyAccount,
  text: string,
  { currency, now }: { readonly currency: string; readonly now: number },
): Baseline | null {
  const amount = parseMoney(text)
  if (!text.startsWith('+')) return { source: 'estimated', amount, funds: null, currency, at: now }
  if (tracker === null || tracker.left.amount === null) return null
  return toppedUp(tracker.baseline, tracker.spent, { amount, at: now })
}
