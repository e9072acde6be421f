import { resolve } from 'node:path'
import { amounts, optional, structureOrList } from './rule.js'
import type { Setting } from './setting.js'
import { durationStructure, policyNumber, policyStructure } from './setting-kinds.js'
import type { PolicyName, Settings } from './settings.js'
import { readDuration, readSize } from './units.js'

const policy = (flag: string, description: string): Setting<unknown> => ({
  ...policyStructure,
  flag,
  hasNoFlag: true,
  description,
  fallback: undefined,
})

/** The settings of the pool's policy. The pool itself checks their contents. */
export const policyCatalogue: { readonly [Name in PolicyName]: Setting<Settings[Name]> } = {
  strategy: {
    ...policyStructure,
    flag: '--strategy <name>',
    description: 'Strategy that picks the key for the next request',
    fallback: undefined,
    shownFallback: 'round-robin',
  },
  rules: policy('--rules <json>', 'Other strategies for some models and kinds of requests, keys for models'),
  mode: { ...policy('--mode <mode>', 'Which keys may serve: all, selected or single'), isLive: true },
  selected: {
    ...policy('--selected <keys>', 'The selected keys, by id, label, account or masked key'),
    ...structureOrList,
    isLive: true,
  },
  limits: policy('--limits <json>', 'Limits by account and model, and how many calls may run at once'),
  health: policy('--health <json>', 'After which failures a key is taken out of service'),
  queue: policy('--queue <json>', 'How many requests may wait for a key, and how long'),
  pacing: policy('--pacing <json>', 'Spreads calls and limits the number of keys in use'),
  sessions: policy('--sessions <json>', 'How the requests of one conversation are recognised'),
  catalogue: policy('--catalogue <json>', 'Facts about models: free, charged only, limits'),
  prices: {
    ...policy('--prices <json>', 'What calls cost, by site and model: a price list or the path of its file'),
    anchor: (value, directory) => (typeof value === 'string' ? resolve(directory, value) : value),
  },
  minBalance: {
    ...optional(amounts),
    flag: '--min-balance <amount>',
    description:
      'Minimum balance of an account: below it, check exits with 1, and serve uses the account for free models only',
    fallback: undefined,
  },
  history: policy(
    '--history <json>',
    'How many minutes, hours, days and names of the past are kept, or false',
  ),
  models: policy('--models <json>', 'Other names of models, and fallback models'),
  hedging: policy('--hedging <json>', 'A second attempt for requests that wait unusually long'),
  retryBudget: policy(
    '--retry-budget <json>',
    'How many further calls may follow failures that blame no key',
  ),
  streams: policy('--streams <json>', 'How answers are streamed: pace, form, heartbeats'),
  leaseTimeoutMs: {
    ...policy('--lease-timeout-ms <duration>', 'When a lease that was not settled expires'),
    ...policyNumber(readDuration),
  },
  saveDelayMs: {
    ...policyNumber(readDuration),
    flag: '--save-delay-ms <duration>',
    description: 'Time that changed figures and cooldowns wait before they are stored',
    fallback: undefined,
    shownFallback: '1s',
  },
  timeouts: {
    ...policy('--timeouts <json>', 'How long each phase of a call may last, for all models or some'),
    ...durationStructure,
  },
  errors: policy('--errors <how>', 'openai adds an error object to errors without one, passthrough does not'),
  replayLimit: {
    ...policy('--replay-limit <size>', 'Request bodies up to this size can be sent again'),
    ...policyNumber(readSize),
  },
}

/** The names of the policy settings, in the order in which help lists them. */
export const policySettings: readonly PolicyName[] = Object.keys(policyCatalogue) as PolicyName[]
