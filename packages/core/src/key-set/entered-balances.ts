import type { PoolEmitter } from '../events.js'
import type { KeyAccount } from '../key/key.js'
import type { Keyring } from '../keyring/keyring.js'
import { balanceOf } from '../money/balance.js'
import type { BalanceTracker } from '../money/balance-tracker.js'
import { parseMoney } from '../money/decimal.js'
import { type Baseline, nothingSpent, toppedUp } from '../money/estimate.js'
import type { Provider } from '../provider/provider.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Store } from '../store/store.js'

/** What the operator said of the money of a key's account; undefined for nothing. */
export type EnteredBalance = readonly [id: string, text: string | undefined]

export interface EnteredBalanceParts {
  readonly keyring: Keyring
  readonly store: Store
  readonly provider: Provider
  readonly runtime: Runtime
  readonly events: PoolEmitter
}

/** Notes what the operator says of accounts' money. Resolves when the store has it. */
export async function enterBalances(
  parts: EnteredBalanceParts,
  said: readonly EnteredBalance[],
): Promise<void> {
  const { keyring, provider, runtime, store, events } = parts
  const changed = new Set<KeyAccount>()
  for (const [id, text] of said) {
    const key = keyring.keys.get(id)
    if (text === undefined || key === undefined) continue
    const origin = { currency: provider.currencyOf(key.site), now: runtime.now() }
    const baseline = saidBaseline(key.account, text, origin)
    if (baseline === null) continue
    keyring.restore(key, { balance: balanceOf(baseline, nothingSpent) })
    changed.add(key.account)
  }
  const trackers = Array.from(changed, (account) => ({ account, tracker: account.tracker as BalanceTracker }))
  for (const { account, tracker } of trackers)
    events.emit('balance-updated', { account: account.id, balance: tracker.balance })
  await putPurses(store, trackers)
}

async function putPurses(
  store: Store,
  said: readonly { readonly account: KeyAccount; readonly tracker: BalanceTracker }[],
): Promise<void> {
  if (said.length === 0) return
  try {
    await store.putBalances(
      said.map(({ account, tracker }) => ({
        id: account.id,
        baseline: tracker.baseline,
        spent: nothingSpent,
      })),
    )
    for (const { tracker } of said) tracker.isNew = false
  } catch {
    // They are part of the next save, whose failure is reported; the keys themselves are stored.
  }
}

/**
 * An amount that the account has now, or with a plus sign before it, as in `+12.50`, one that was added. What is added
 * to an amount that nobody knows changes nothing.
 */
function saidBaseline(
  { tracker }: KeyAccount,
  text: string,
  { currency, now }: { readonly currency: string; readonly now: number },
): Baseline | null {
  const amount = parseMoney(text)
  if (!text.startsWith('+')) return { source: 'estimated', amount, funds: null, currency, at: now }
  if (tracker === null || tracker.left.amount === null) return null
  return toppedUp(tracker.baseline, tracker.spent, { amount, at: now })
}
