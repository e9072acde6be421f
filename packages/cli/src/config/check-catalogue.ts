import { amount, amountAbove, oneOf, optional, someOf, text, wholeNumber } from './rule.js'
import type { Setting } from './setting.js'
import {
  duration,
  durationFrom,
  interval,
  pathSetting,
  policyStructure,
  switchSetting,
} from './setting-kinds.js'
import type { Settings } from './settings.js'

type CheckName =
  | 'concurrency'
  | 'interval'
  | 'retries'
  | 'retryPause'
  | 'timeout'
  | 'deadline'
  | 'probe'
  | 'probeModel'
  | 'failOn'
  | 'format'
  | 'output'
  | 'resume'
  | 'only'
  | 'exportGood'
  | 'refresh'
  | 'set'
  | 'topUp'
  | 'checks'
  | 'checkEvery'
  | 'checkAfterCalls'

/** The settings of checks: those of the command `check`, and those of a server that checks its keys on a schedule. */
export const checkCatalogue: { readonly [Name in CheckName]: Setting<Settings[Name]> } = {
  concurrency: {
    ...wholeNumber({ min: 1, max: 256 }),
    flag: '--concurrency <count>',
    description: 'Keys checked at the same time',
    fallback: 8,
  },
  interval: {
    ...interval,
    flag: '--interval <duration>',
    description: 'Pause after each check, such as 500, or a random pause from a range such as 200-900',
    fallback: { minMs: 0, maxMs: 0 },
    written: ({ minMs, maxMs }) => (minMs === maxMs ? minMs : `${minMs}-${maxMs}`),
    shownFallback: '0',
  },
  retries: {
    ...wholeNumber({ min: 0, max: 20 }),
    flag: '--retries <count>',
    description: 'Further attempts when the network or the upstream fails',
    fallback: 2,
  },
  retryPause: {
    ...duration,
    flag: '--retry-pause <duration>',
    description: 'Time before a further attempt, doubled each time',
    fallback: 500,
    shownFallback: '500ms',
  },
  timeout: {
    ...durationFrom(1),
    flag: '--timeout <duration>',
    description: 'Time for one attempt',
    fallback: 15_000,
    shownFallback: '15s',
  },
  deadline: {
    ...duration,
    flag: '--deadline <duration>',
    description: 'Time for all attempts for one key, pauses included, 0 for no limit',
    fallback: 60_000,
    shownFallback: '1m',
  },
  probe: {
    ...optional(oneOf(['models', 'balance', 'chat'])),
    flag: '--probe <what>',
    description:
      'What to check: models asks whether the key is accepted; balance also reads the balance; chat buys one token, the only proof that the account has money',
    fallback: undefined,
    shownFallback: 'models, or balance with --min-balance',
  },
  probeModel: {
    ...optional(text),
    flag: '--model <name>',
    description: 'The model that --probe chat calls',
    fallback: undefined,
    shownFallback: 'a cheap model that is not free',
  },
  failOn: {
    ...someOf([
      'valid',
      'invalid',
      'exhausted',
      'restricted',
      'disabled',
      'wrong-site',
      'limited',
      'unknown',
    ]),
    flag: '--fail-on <verdicts>',
    description: 'Exit with 1 (3 for unknown) when a key gets one of these verdicts',
    fallback: ['invalid', 'exhausted', 'disabled', 'wrong-site', 'unknown'],
    shownFallback: 'invalid,exhausted,disabled,wrong-site,unknown',
  },
  format: {
    ...oneOf(['table', 'json', 'jsonl', 'csv', 'junit', 'github']),
    flag: '--format <format>',
    description:
      'Format of the results: table, json, jsonl or csv (one line per result, as soon as it is known), junit, or github (annotations)',
    fallback: 'table',
  },
  output: { ...pathSetting, flag: '--output <file>', description: 'Write the results to this file' },
  resume: {
    ...pathSetting,
    flag: '--resume <file>',
    description: 'Skip keys that have a result in this file of --format jsonl, except the result unknown',
  },
  only: {
    ...optional(oneOf(['good', 'bad'])),
    flag: '--only <which>',
    description: 'Print only the good or only the bad keys; the summary counts all',
    fallback: undefined,
  },
  exportGood: {
    ...pathSetting,
    flag: '--export-good <file>',
    description: 'Write the good keys whole to this file, a key a line, for its owner only',
    isConsent: true,
  },
  refresh: switchSetting('--refresh', 'Ask the upstream for balances first, where it still reports them'),
  set: {
    ...optional(amount),
    flag: '--set <amount>',
    description: 'Set the balance of the accounts of these keys, such as 50',
    fallback: undefined,
    isConsent: true,
  },
  topUp: {
    ...optional(amountAbove),
    flag: '--top-up <amount>',
    description: 'Add this amount to the balance of the accounts of these keys, such as 12.50',
    fallback: undefined,
    isConsent: true,
  },

  checks: {
    ...policyStructure,
    flag: '--checks <json>',
    hasNoFlag: true,
    description:
      'When the server checks keys: everyMs, jitter, afterCalls, onLackOfFunds, minIntervalMs, concurrency',
    fallback: undefined,
  },
  checkEvery: {
    ...optional(duration),
    flag: '--check-every <duration>',
    description: 'Check every key at this interval, such as 1h, 0 for never',
    fallback: undefined,
    shownFallback: '0',
  },
  checkAfterCalls: {
    ...optional(wholeNumber({ min: 0, unit: 'calls' })),
    flag: '--check-after-calls <count>',
    description: 'Ask for the balance of a key after this many of its calls, 0 for never',
    fallback: undefined,
    shownFallback: '0',
    variables: ['AUTO_QUERY_BALANCE_AFTER_CALLS'],
  },
}
