import { describe, expect, it } from 'vitest'
import { ConfigError } from '../errors.js'
import { defaultHistory } from '../history/history-options.js'
import { checkHistoryQuery, type HistoryQuery } from './history-query.js'

const now = Date.UTC(2026, 9, 5, 7, 30, 20)
const hour = 3_600_000
const beijing = 8 * hour
const context = { now, dayOffsetMs: beijing, keep: defaultHistory }
const checked = (query: Partial<HistoryQuery>) => checkHistoryQuery({ metric: 'requests', ...query }, context)
const iso = (at: number): string => new Date(at).toISOString()

describe('a query of the past', () => {
  it.each<[string, number, number]>([
    ['5m', 60, 5],
    ['1h', 60, 60],
    ['24h', 3_600, 24],
    ['7d', 3_600, 168],
    ['30d', 86_400, 30],
    ['999d', 86_400, 999],
  ])('the last %s come in steps of %i seconds, %i of them', (window, seconds, steps) => {
    expect(checked({ window })).toMatchObject({ stepMs: seconds * 1_000, steps })
  })

  it('the last step of a window is the one that has begun', () => {
    const { from, to } = checked({ window: '1h' })
    expect([iso(from), iso(to)]).toEqual(['2026-10-05T06:31:00.000Z', '2026-10-05T07:31:00.000Z'])
  })

  it('days are those of the provider', () => {
    const { from, to } = checked({ window: '2d', step: 86_400 })
    expect([iso(from), iso(to)]).toEqual(['2026-10-03T16:00:00.000Z', '2026-10-05T16:00:00.000Z'])
  })

  it('a time given by its ends is rounded to whole steps', () => {
    const { from, to, steps } = checked({ from: '2026-10-05T05:00:30Z', to: '2026-10-05T07:00:00Z' })
    expect([iso(from), iso(to), steps]).toEqual(['2026-10-05T05:00:00.000Z', '2026-10-05T07:00:00.000Z', 120])
  })

  it('a step that is no longer kept for the whole time becomes a longer one', () => {
    expect(checked({ window: '24h', step: 60 }).stepMs).toBe(hour)
    expect(checked({ window: '90d', step: 3_600 }).stepMs).toBe(24 * hour)
    expect(checked({ from: '2026-10-05T03:00:00Z', to: '2026-10-05T04:00:00Z' }).stepMs).toBe(hour)
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['metric', { metric: 'speed' }, 'history.metric must be one of requests, tokens'],
    ['by', { by: 'site' }, 'history.by must be one of none, key, account, model, client'],
    ['window', { window: '5 minutes' }, 'history.window must be a length of time as in "5m"'],
    ['window', { window: '0m' }, 'history.window must be a length of time'],
    ['step', { step: 61 }, 'history.step must be one of 60, 300'],
    ['percentile', { percentile: 'p42' }, 'history.percentile must be one of p50, p95, p99'],
    ['from', { from: 'yesterday' }, 'history.from must be an instant as in'],
    ['from', { from: '2027-01-01T00:00:00Z' }, 'history.from must come before to, and not lie in the future'],
    ['to', { to: '2026-13-01T00:00:00Z' }, 'history.to must be an instant'],
    [
      'from and window',
      { from: '2026-10-01T00:00:00Z', window: '1h' },
      'history.window must not be given together',
    ],
    ['a balance by model', { metric: 'balance', by: 'model' }, 'history.by must be none or account'],
    ['an unknown name', { wnidow: '1h' }, 'history.wnidow is not an option'],
  ])('a wrong %s is refused by name, rule and value', (_, query, message) => {
    expect(() => checked(query)).toThrow(ConfigError)
    expect(() => checked(query)).toThrow(message)
  })
})
