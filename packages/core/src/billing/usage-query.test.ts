import { describe, expect, it } from 'vitest'
import { checkUsageQuery, type UsageQuery } from './usage-query.js'

const today = Date.UTC(2026, 9, 5) / 86_400_000

describe('checkUsageQuery', () => {
  it('a query is by day and of the last thirty days by default', () => {
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
  ])('checkUsageQuery names what is wrong in %j', (query, message) => {
    expect(() => checkUsageQuery(query as UsageQuery, today)).toThrow(message)
  })
})
