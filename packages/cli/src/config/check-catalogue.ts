import {
  amount,
  amountAbove,
  duration,
  interval,
  oneOf,
  optional,
  someOf,
  structure,
  text,
  wholeNumber,
} from './rule.js'
import type { Setting } from './setting.js'
import { pathSetting, switchSetting } from './setting-kinds.js'
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
  | 'refresh'
  | 'set'
  | 'topUp'
  | 'checks'
  | 'checkEvery'
  | 'checkAfterCalls'

/** The settings of checks: those of the command, and those of a server that looks at its keys by itself. */
export const checkCatalogue: { readonly [Name in CheckName]: Setting<Settings[Name]> } = {
  concurrency: {
    ...wholeNumber({ min: 1, max: 256 }),
    flag: '--concurrency <count>',
    description: 'keys asked at the same time',
    fallback: 8,
  },
  interval: {
    ...interval,
    flag: '--interval <ms>',
    description: 'pause before each question, as in 500, or drawn from a range, as in 200-900',
    fallback: { minMs: 0, maxMs: 0 },
    shownFallback: '0',
  },
  retries: {
    ...wholeNumber({ min: 0, max: 20 }),
    flag: '--retries <count>',
    description: 'more attempts when the network or the upstream fails',
    fallback: 2,
  },
  retryPause: {
    ...duration,
    flag: '--retry-pause <ms>',
    description: 'milliseconds before another attempt, doubled each time',
    fallback: 500,
  },
  timeout: {
    ...wholeNumber({ min: 1, max: 2_147_483_647, unit: 'milliseconds' }),
    flag: '--timeout <ms>',
    description: 'milliseconds for one attempt',
    fallback: 15_000,
  },
  deadline: {
    ...duration,
    flag: '--deadline <ms>',
    description: 'milliseconds for all attempts at one key, pauses included, 0 = no limit',
    fallback: 60_000,
  },
  probe: {
    ...optional(oneOf(['models', 'balance', 'chat'])),
    flag: '--probe <what>',
    description:
      'models: is the key accepted; balance: what is left, too; chat: buy one token, which alone shows whether there is money',
    fallback: undefined,
    shownFallback: 'models, or balance with --min-balance',
  },
  probeModel: {
    ...optional(text),
    flag: '--model <name>',
    description: 'the model that --probe chat asks',
    fallback: undefined,
    shownFallback: 'a cheap one that is not free',
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
    description: 'end with 1 (3 for unknown) when a key gets one of these',
    fallback: ['invalid', 'exhausted', 'disabled', 'wrong-site', 'unknown'],
    shownFallback: 'invalid,exhausted,disabled,wrong-site,unknown',
  },
  format: {
    ...oneOf(['table', 'json', 'jsonl', 'csv', 'junit', 'github']),
    flag: '--format <format>',
    description:
      'table, json, jsonl or csv (a line for each result, as it comes), junit, or github (annotations)',
    fallback: 'table',
  },
  output: { ...pathSetting, flag: '--output <file>', description: 'write the results to this file' },
  resume: {
    ...pathSetting,
    flag: '--resume <file>',
    description: 'leave out keys that have a result in this file of --format jsonl, unless it is unknown',
  },
  refresh: switchSetting('--refresh', 'ask the upstream first, where it still tells'),
  set: {
    ...optional(amount),
    flag: '--set <amount>',
    description: 'what is on the accounts of these keys now, as in 50',
    fallback: undefined,
    isConsent: true,
  },
  topUp: {
    ...optional(amountAbove),
    flag: '--top-up <amount>',
    description: 'what was added to the accounts of these keys, as in 12.50',
    fallback: undefined,
    isConsent: true,
  },

  checks: {
    ...structure,
    flag: '--checks <json>',
    hasNoFlag: true,
    description:
      'when keys are looked at: everyMs, jitter, afterCalls, onLackOfFunds, minIntervalMs, concurrency',
    fallback: undefined,
  },
  checkEvery: {
    ...optional(duration),
    flag: '--check-every <ms>',
    description: 'look at every key each so many milliseconds, 0 = never',
    fallback: undefined,
    shownFallback: '0',
  },
  checkAfterCalls: {
    ...optional(wholeNumber({ min: 0, unit: 'calls' })),
    flag: '--check-after-calls <count>',
    description: 'ask for the balance of a key after so many of its calls, 0 = never',
    fallback: undefined,
    shownFallback: '0',
    variables: ['AUTO_QUERY_BALANCE_AFTER_CALLS'],
  },
}
