import type { Ledger } from '../billing/ledger.js'
import type { KeyAccount } from '../key/key.js'
import { nothingSpent, type Spent } from '../money/balance-estimate.js'
import type { BalanceTracker } from '../money/balance-tracker.js'
import { defaultUpstream } from '../store/default-upstream.js'
import type { Store } from '../store/store.js'
import type { StoredBalance, StoredUsage } from '../store/stored-usage.js'

/** Rows written at once: few enough that other users of the store need not wait long. */
const batchSize = 500

/** Where usage is summed up, and where changes of balances are reported. */
export interface SpendingLinks {
  /** Sums up what calls used and cost; null when nothing does. */
  readonly ledger: Ledger | null
  /** Receives each account whose balance turns out to be another, because other processes spent of it, too. */
  readonly onBalance: (account: KeyAccount) => void
}

export interface Spending extends SpendingLinks {
  readonly store: Store
  /** Accounts that may have unsaved spending or an unsaved baseline. */
  readonly dirtyAccounts: Iterable<KeyAccount>
  readonly now: number
}

/** Adds what the ledger and the balance trackers hold to the store. What could not be added goes back to them. */
export async function writeSpending({
  store,
  ledger,
  dirtyAccounts,
  now,
  onBalance,
}: Spending): Promise<void> {
  const rows = ledger?.take() ?? []
  const accounts = Array.from(dirtyAccounts).filter(({ tracker }) => tracker?.hasUnsaved === true)
  let done = 0
  try {
    for (; done < Math.max(rows.length, accounts.length); done += batchSize) {
      const until = done + batchSize
      const batch = { usage: rows.slice(done, until), accounts: accounts.slice(done, until) }
      for (const account of await writeBatch(store, batch, now)) onBalance(account)
    }
  } catch (error) {
    ledger?.giveBack(rows.slice(done))
    throw error
  }
}

/** What was taken from an account's tracker to be added to the store. */
interface TakenSpending {
  readonly account: KeyAccount
  readonly tracker: BalanceTracker
  readonly spent: Spent | null
}

/** Resolves with the accounts whose balance turned out to be another. */
async function writeBatch(
  store: Store,
  { usage, accounts }: { readonly usage: readonly StoredUsage[]; readonly accounts: readonly KeyAccount[] },
  now: number,
): Promise<KeyAccount[]> {
  const taken = accounts.flatMap(takenFrom)
  const balances = taken
    .filter(({ tracker }) => tracker.isNew)
    .map(({ account, tracker }) => ({ ...placeOf(account), baseline: tracker.baseline, spent: nothingSpent }))
  const spent = taken.flatMap((each) =>
    each.spent === null ? [] : [{ ...placeOf(each.account), ...each.spent }],
  )
  try {
    const stored = await store.addUsage({ usage, spent, balances })
    const byId = new Map(stored.map((balance) => [balance.id, balance]))
    return taken
      .filter((each) => adoptStored(each, byId.get(each.account.id), now))
      .map(({ account }) => account)
  } catch (error) {
    for (const { tracker } of taken) tracker.saveFailed()
    throw error
  }
}

const placeOf = ({ id }: KeyAccount) => ({ upstream: defaultUpstream, id })

const takenFrom = (account: KeyAccount): TakenSpending[] => {
  const { tracker } = account
  return tracker === null ? [] : [{ account, tracker, spent: tracker.takeUnsaved() }]
}

/** Takes over an account's balance from the store, where other processes add to it; returns whether it is another. */
function adoptStored(
  { account, tracker, spent }: TakenSpending,
  stored: StoredBalance | undefined,
  now: number,
): boolean {
  tracker.isNew = false
  // A new baseline has replaced this tracker meanwhile.
  if (account.tracker !== tracker || spent === null) return false
  const before = tracker.left.amount
  if (stored === undefined) tracker.keepLocally(now)
  else if ((stored.baseline.at ?? 0) > (tracker.baseline.at ?? 0))
    account.tracker = tracker.rebased(stored.baseline, stored.spent)
  else tracker.saved(stored.spent, now)
  account.updateFunds()
  return account.tracker.left.amount !== before
}
