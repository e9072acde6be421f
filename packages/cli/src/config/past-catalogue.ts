import * as v from 'valibot'
import { oneOf, optional, type Rule, someOf, wholeNumber } from './rule.js'
import type { Setting } from './setting.js'
import type { Settings } from './settings.js'

type PastName = 'window' | 'by' | 'days' | 'firstDay' | 'lastDay' | 'usageBy' | 'usageFormat'

const windowOf: Rule<string> = {
  schema: v.pipe(v.string(), v.trim(), v.regex(/^[1-9]\d{0,6}[mhd]$/)),
  rule: 'must be a length of time such as 5m, 1h, 24h, 7d or 30d',
}

const day: Rule<string> = {
  schema: v.pipe(
    v.string(),
    v.trim(),
    v.isoDate(),
    v.check((text) => !Number.isNaN(Date.parse(text))),
  ),
  rule: 'must be a day such as 2026-10-05',
}

/** The settings of commands that tell what was. A file cannot give them: each run has its own question. */
export const pastCatalogue: { readonly [Name in PastName]: Setting<Settings[Name]> } = {
  window: {
    ...optional(windowOf),
    flag: '--window <time>',
    description: 'Figures of the time up to now: 5m, 1h, 24h, 7d, 30d',
    fallback: undefined,
    shownFallback: 'since the keys were added; 1h with --by',
    isConsent: true,
  },
  by: {
    ...optional(oneOf(['key', 'account', 'model', 'client'])),
    flag: '--by <what>',
    description: 'Split the figures of the window by key, account, model or client',
    fallback: undefined,
    shownFallback: 'key with --window',
    isConsent: true,
  },
  days: {
    ...wholeNumber({ min: 1, max: 400, unit: 'days' }),
    flag: '--days <count>',
    description: "Days up to today, or up to --to, by the provider's calendar",
    fallback: 30,
    isConsent: true,
  },
  firstDay: {
    ...optional(day),
    flag: '--from <day>',
    description: 'The first day, such as 2026-10-05; it takes the place of --days',
    fallback: undefined,
    shownFallback: 'by --days',
    isConsent: true,
  },
  lastDay: {
    ...optional(day),
    flag: '--to <day>',
    description: 'The last day, included',
    fallback: undefined,
    shownFallback: 'today',
    isConsent: true,
  },
  usageBy: {
    ...someOf(['day', 'key', 'account', 'model', 'client']),
    flag: '--by <list>',
    description:
      'Split by day, key, account, model, client, or several of them; keys and accounts do not go with models and clients',
    fallback: ['day'],
    shownFallback: 'day',
    isConsent: true,
  },
  usageFormat: {
    ...oneOf(['table', 'csv', 'json']),
    flag: '--format <format>',
    description: 'table, csv or json',
    fallback: 'table',
    isConsent: true,
  },
}
