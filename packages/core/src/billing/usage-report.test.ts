import { describe, expect, it } from 'vitest'
import { noSums, type StoredUsage } from '../store/stored-usage.js'
import { checkUsageQuery, type UsageQuery, UsageSummary } from './usage-report.js'

const today = Date.UTC(2026, 9, 5) / 86_400_000

const row = (changes: Partial<StoredUsage>): StoredUsage => ({
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

/** The rows of a report in short. */
function rowsOf(query: UsageQuery, rows: readonly StoredUsage[]) {
  const summary = new UsageSummary(checkUsageQuery(query, today))
  summary.add(rows)
  return summary.report().rows.map(({ requests, cost, currency, ...rest }) => {
    const names = [rest.day, rest.key, rest.account, rest.model, rest.client]
    return `${names.filter((name) => name !== undefined).join(' ')} ${requests} ${cost} ${currency}`.trim()
  })
}

describe('a query of usage', () => {
  it('is by day and of the last thirty days when nothing is said', () => {
    expect(checkUsageQuery({}, today)).toEqual({
      book: 'keys',
      from: today - 29,
      to: today,
      by: new Set(['day']),
    })
    expect(checkUsageQuery({ to: '2026-09-30', by: ['model', 'client'] }, today)).toEqual({
      book: 'models',
      from: today - 34,
      to: today - 5,
      by: new Set(['model', 'client']),
    })
  })

  it.each([
    [{ from: '5.10.2026' }, /^usage\.from must be a day/],
    [{ to: '2026-02-31x' }, /^usage\.to must be a day/],
    [{ to: '2026-13-01' }, /^usage\.to must be a day/],
    [{ from: '2026-10-06' }, /^usage\.from must not come after usage\.to/],
    [{ by: 'week' }, /^usage\.by must be one of day, key, account, model, client/],
    [{ by: ['key', 'model'] }, /^usage\.by must not mix/],
    [{ since: 1 }, /^usage\.since is not an option/],
  ])('says what is wrong in %j', (query, message) => {
    expect(() => checkUsageQuery(query as UsageQuery, today)).toThrow(message)
  })
})

describe('a report of usage', () => {
  const rows = [
    row({ day: today - 1 }),
    row({ cost: 3n }),
    row({ name: 'key-2' }),
    row({ name: 'key-3', of: 'other', requests: 5 }),
    row({ name: 'key-1', currency: 'USD' }),
  ]

  it('sums up by what is asked for, the days in order and the most expensive first', () => {
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

  it('tells models and clients, and calls of nobody', () => {
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
