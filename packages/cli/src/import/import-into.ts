import {
  defaultUpstream,
  fingerprint,
  type KeyInput,
  type KeyPool,
  type KeyView,
  type Store,
  type StoredBalance,
  type StoredKeyState,
} from '@sfpool/core'
import type { Imported, ImportedKey, RejectedEntry, SkippedSetting } from './imported.js'

/** What came of an import. */
export interface ImportReport {
  readonly source: Imported['source']
  readonly added: number
  readonly duplicates: number
  readonly rejected: readonly RejectedEntry[]
  readonly skipped: readonly SkippedSetting[]
  /** The keys that were added, as they are now. */
  readonly keys: readonly KeyView[]
}

interface ImportInput {
  readonly pool: KeyPool
  readonly store: Store
  readonly imported: Imported
  /** The account that all keys get. */
  readonly account: string | undefined
  readonly now: number
}

/**
 * Adds keys, and then what is known of those that were new: balances with their age, counts, refusals. Known keys are
 * left as they are: what this pool has found of them is newer.
 */
export async function importInto({
  pool,
  store,
  imported,
  account,
  now,
}: ImportInput): Promise<ImportReport> {
  const inputs = imported.keys.map((key) => inputOf(key, account))
  const { added, duplicates, rejected } = await pool.keys.add(inputs)
  const byId = new Map<string, ImportedKey>()
  // Of a key that stands there twice, the first counts, as in the pool.
  for (const key of imported.keys.toReversed()) byId.set(fingerprint(key.secret), key)
  const fresh = added.flatMap((view) => {
    const key = byId.get(view.id)
    return key === undefined ? [] : [{ view, key }]
  })
  await store.saveStates(
    fresh.filter(({ key }) => hasState(key)).map(({ view, key }) => stateOf(view.id, key, now)),
    [],
  )
  await store.putBalances(fresh.flatMap(({ view, key }) => baselineOf(view, key, now)))
  const refused = rejected.map(({ index, reason }) => ({ line: imported.keys[index]?.line ?? 0, reason }))
  return {
    source: imported.source,
    added: added.length,
    duplicates: duplicates.length,
    rejected: [...imported.rejected, ...refused],
    skipped: imported.skipped,
    keys: fresh.map(({ view, key }) => viewOf(view, key, now)),
  }
}

function inputOf(
  { secret, label, account, weight, enabled }: ImportedKey,
  given: string | undefined,
): KeyInput {
  const name = given ?? account
  return {
    secret,
    ...(label === undefined ? {} : { label }),
    ...(name === undefined ? {} : { account: name }),
    ...(weight === undefined ? {} : { weight }),
    ...(enabled === undefined ? {} : { enabled }),
  }
}

const hasState = ({ requests, lastUsedAt, invalid }: ImportedKey): boolean =>
  requests !== undefined || lastUsedAt !== undefined || invalid !== undefined

function stateOf(id: string, key: ImportedKey, now: number): StoredKeyState {
  const { requests = 0, successes = 0, lastUsedAt = null, invalid } = key
  return {
    id,
    health: invalid === undefined ? { status: 'ready' } : { status: 'invalid', reason: invalid, since: now },
    requests,
    successes: Math.min(successes, requests),
    promptTokens: 0,
    completionTokens: 0,
    lastUsedAt,
    failures: 0,
    upstreamAccount: null,
  }
}

/** Money is kept in trillionths. */
const places = 12

function baselineOf({ account, balance }: KeyView, key: ImportedKey, now: number): StoredBalance[] {
  if (key.balance === undefined) return []
  const { amount, at } = key.balance
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.')
  const trillionths = BigInt(whole + fraction.slice(0, places).padEnd(places, '0'))
  return [
    {
      id: account,
      upstream: defaultUpstream,
      baseline: {
        source: 'estimated',
        amount: amount.startsWith('-') ? -trillionths : trillionths,
        funds: null,
        currency: balance.currency,
        at: at ?? now,
      },
      spent: { any: 0n, charged: 0n, unknown: 0 },
    },
  ]
}

/** The key as the next command will show it. */
function viewOf(view: KeyView, key: ImportedKey, now: number): KeyView {
  const { balance, requests = 0, successes = 0, lastUsedAt, invalid } = key
  const money =
    balance === undefined
      ? view.balance
      : {
          ...view.balance,
          amount: balance.amount,
          source: 'estimated' as const,
          at: new Date(balance.at ?? now).toISOString(),
        }
  return {
    ...view,
    balance: money,
    requests,
    successes: Math.min(successes, requests),
    lastUsedAt: lastUsedAt === undefined ? null : new Date(lastUsedAt).toISOString(),
    ...(invalid === undefined ? {} : { status: 'invalid' as const, reason: invalid }),
  }
}
