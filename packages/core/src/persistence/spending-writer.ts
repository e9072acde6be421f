import type { Ledger } from '../billing/ledger.js'
import type { KeyAccount } from '../key/key.js'
import type { BalanceTracker } from '../money/balance-tracker.js'
import { nothingSpent, type Spent } from '../money/estimate.js'
import type { Store } from '../store/store.js'
import type { StoredBalance, StoredUsage } from '../store/stored-usage.js'

/** Rows written in one go: small enough not to hold up whoever else needs the store. */
const batchSize = 500

export interface SpendingToWrite {
  readonly store: Store
  readonly ledger: Ledger | null
  readonly dirtyAccounts: Iterable<KeyAccount>
  readonly now: number
  /** Told of every account whose money is other than was thought, because another process spent of it too. */
  readonly onFunds: (account: KeyAccount) => void
}

/** Has the store add what the ledger and the purses hold. What it could not add goes back where it came from. */
export async function writeSpending({
  store,
  ledger,
  dirtyAccounts,
  now,
  onFunds,
}: SpendingToWrite): Promise<void> {
  const rows = ledger?.take() ?? []
  const accounts = Array.from(dirtyAccounts).filter(({ tracker }) => tracker?.hasUnsaved === true)
  let done = 0
  try {
    for (; done < Math.max(rows.length, accounts.length); done += batchSize) {
      const until = done + batchSize
      const batch = { usage: rows.slice(done, until), accounts: accounts.slice(done, until) }
      for (const account of await saveBatch(store, batch, now)) onFunds(account)
    }
  } catch (error) {
    ledger?.giveBack(rows.slice(done))
    throw error
  }
}

interface TakenPurse {
  readonly account: KeyAccount
  readonly tracker: BalanceTracker
  readonly spent: Spent | null
}

/** Gives the accounts that have other money than was thought. */
async function saveBatch(
  store: Store,
  { usage, accounts }: { readonly usage: readonly StoredUsage[]; readonly accounts: readonly KeyAccount[] },
  now: number,
): Promise<KeyAccount[]> {
  const taken = accounts.flatMap(takenFrom)
  const balances = taken
    .filter(({ tracker }) => tracker.isNew)
    .map(({ account, tracker }) => ({ id: account.id, baseline: tracker.baseline, spent: nothingSpent }))
  const spent = taken.flatMap((each) => (each.spent === null ? [] : [{ id: each.account.id, ...each.spent }]))
  try {
    const eligibility = await store.addUsage({ usage, spent, balances })
    const byId = new Map(eligibility.map((balance) => [balance.id, balance]))
    return taken
      .filter((each) => hasSurprised(each, byId.get(each.account.id), now))
      .map(({ account }) => account)
  } catch (error) {
    for (const { tracker } of taken) tracker.saveFailed()
    throw error
  }
}

const takenFrom = (account: KeyAccount): TakenPurse[] => {
  const { tracker } = account
  return tracker === null ? [] : [{ account, tracker: tracker, spent: tracker.takeUnsaved() }]
}

/** Takes over what the store knows of an account; tells whether that is news. */
function hasSurprised(
  { account, tracker, spent }: TakenPurse,
  stored: StoredBalance | undefined,
  now: number,
): boolean {
  tracker.isNew = false
  // Another figure has come meanwhile, from which everything is reckoned anew.
  if (account.tracker !== tracker || spent === null) return false
  const before = tracker.left.amount
  if (stored === undefined) tracker.keepLocally(now)
  else if ((stored.baseline.at ?? 0) > (tracker.baseline.at ?? 0))
    account.tracker = tracker.rebased(stored.baseline, stored.spent)
  else tracker.saved(stored.spent, now)
  account.updateFunds()
  return account.tracker.left.amount !== before
}
