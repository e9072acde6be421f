import { resolve } from 'node:path'
import { amounts, optional, structure, structureOrList } from './rule.js'
import type { Setting } from './setting.js'
import type { PolicyName, Settings } from './settings.js'

const policy = (flag: string, description: string): Setting<unknown> => ({
  ...structure,
  flag,
  hasNoFlag: true,
  description,
  fallback: undefined,
})

/** The settings that make the pool's policy. Of what they hold the pool knows the rules. */
export const policyCatalogue: { readonly [Name in PolicyName]: Setting<Settings[Name]> } = {
  strategy: {
    ...structure,
    flag: '--strategy <name>',
    description: 'which ready key serves next',
    fallback: undefined,
    shownFallback: 'round-robin',
  },
  rules: policy('--rules <json>', 'other strategies for some models and kinds of requests, keys for models'),
  mode: policy('--mode <mode>', 'which keys may serve: all, selected or single'),
  selected: { ...policy('--selected <keys>', 'keys by id, label, account or mask'), ...structureOrList },
  limits: policy('--limits <json>', 'limits to keep by account and model, and how many calls may run'),
  health: policy('--health <json>', 'when failures take keys out'),
  queue: policy('--queue <json>', 'how many requests may wait for a key, and how long'),
  pacing: policy('--pacing <json>', 'few calls and few keys at a time'),
  sessions: policy('--sessions <json>', 'how the requests of one conversation are known'),
  catalogue: policy('--catalogue <json>', 'facts of models: free, charged only, limits'),
  prices: {
    ...policy('--prices <json>', 'what calls cost, by site and model: a list, or the path of its file'),
    anchor: (value, directory) => (typeof value === 'string' ? resolve(directory, value) : value),
  },
  minBalance: {
    ...optional(amounts),
    flag: '--min-balance <amount>',
    description:
      'the least that an account should have: check ends with 1 where it has less, serve leaves it to free models',
    fallback: undefined,
  },
  models: policy('--models <json>', 'other names for models, and models to take when one cannot serve'),
  hedging: policy('--hedging <json>', 'a second attempt for requests that wait unusually long'),
  streams: policy('--streams <json>', 'how answers are streamed: pace, form, heartbeats'),
  leaseTimeoutMs: policy('--lease-timeout-ms <ms>', 'when a lease that was not settled is given back'),
  timeouts: policy('--timeouts <json>', 'how long each phase of a call may last, for all models or some'),
  errors: policy('--errors <how>', 'openai adds an error object to errors without one, passthrough does not'),
  replayLimit: policy('--replay-limit <bytes>', 'bodies up to this size can be sent again'),
}

/** Their names, in the order in which they are told. */
export const policySettings: readonly PolicyName[] = Object.keys(policyCatalogue) as PolicyName[]
