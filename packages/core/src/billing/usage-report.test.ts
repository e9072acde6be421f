import { describe, expect, it } from 'vitest'
import { noSums, type StoredUsage } from '../store/stored-usage.js'
import { checkUsageQuery, type UsageQuery } from './usage-query.js'
import { UsageSummary } from './usage-report.js'

const today = Date.UTC(2026, 9, 5) / 86_400_000

const row = (changes: Partial<StoredUsage>): StoredUsage => ({
  upstream: 'default',
  book: 'keys',
  day: today,
  name: 'key-1',
  of: 'acme',
  currency: 'CNY',
  ...noSums,
  requests: 1,
  cost: 10n ** 12n,
  ...changes,
})

/** The rows of a report, shortened. */
function rowsOf(query: UsageQuery, rows: readonly StoredUsage[]) {
  const summary = new UsageSummary(checkUsageQuery(query, today))
  summary.add(rows)
  return summary.report().rows.map(({ requests, cost, currency, ...rest }) => {
    const names = [rest.day, rest.key, rest.account, rest.model, rest.client]
    return `${names.filter((name) => name !== undefined).join(' ')} ${requests} ${cost} ${currency}`.trim()
  })
}

describe('UsageSummary', () => {
  const rows = [
    row({ day: today - 1 }),
    row({ cost: 3n }),
    row({ name: 'key-2' }),
    row({ name: 'key-3', of: 'other', requests: 5 }),
    row({ name: 'key-1', currency: 'USD' }),
  ]

  it('rows are summed up by what the query asks for, days in order and the most expensive first', () => {
    expect(rowsOf({}, rows)).toEqual([
      '2026-10-04 1 1.00 CNY',
      '2026-10-05 7 2.000000000003 CNY',
      '2026-10-05 1 1.00 USD',
    ])
    expect(rowsOf({ by: 'account' }, rows)).toEqual([
      'acme 3 2.000000000003 CNY',
      'other 5 1.00 CNY',
      'acme 1 1.00 USD',
    ])
    expect(rowsOf({ by: ['key', 'account'] }, rows)).toContain('key-1 acme 2 1.000000000003 CNY')
    expect(rowsOf({ by: [] }, rows)).toEqual(['8 3.000000000003 CNY', '1 1.00 USD'])
  })

  it('rows name models and clients, with null for calls without a client', () => {
    const asked = [
      row({ book: 'models', name: 'm', of: 'alice' }),
      row({ book: 'models', name: 'm', of: '' }),
      row({ book: 'models', name: '', of: 'alice', cost: 0n }),
    ]
    expect(rowsOf({ by: 'client' }, asked)).toEqual(['alice 2 1.00 CNY', '1 1.00 CNY'])
    expect(rowsOf({ by: 'model' }, asked)).toEqual(['m 2 2.00 CNY', '1 0.00 CNY'])
    const summary = new UsageSummary(checkUsageQuery({ by: 'client' }, today))
    summary.add(asked)
    expect(summary.report()).toMatchObject({
      from: '2026-09-06',
      to: '2026-10-05',
      rows: [{ client: 'alice' }, { client: null, unknownCosts: 0 }],
    })
  })
})
