import * as v from 'valibot'
import { meters } from './limit/meters.js'
import type { PolicyOptions } from './policy.js'
import { hedgingSchema } from './relay/hedge/hedging.js'
import { modelSchema } from './relay/model/aliases.js'
import { streamSchema } from './relay/request/restream.js'
import type { KeyMode } from './selection/rules.js'
import { strategyNames } from './strategy/named.js'
import { byModel, byName, duration, strict, text } from './validation.js'

const count = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
)

const wholeNumber = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(0, 'must not be negative'),
)

const names = v.array(text, 'must be a list of ids, labels, accounts or masks of keys')

const share = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must be from 0 to 1'),
  v.maxValue(1, 'must be from 0 to 1'),
)

const scoreWeight = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.finite('must be a finite number'),
    v.minValue(0, 'must not be negative'),
  ),
)

const strategyName = v.picklist(strategyNames, `must be one of ${strategyNames.join(', ')}`)

const settings = v.variant(
  'name',
  [
    strict(
      {
        name: v.literal('weighted-score'),
        weights: v.optional(
          v.pipe(
            strict(
              {
                balance: scoreWeight,
                success: scoreWeight,
                rpm: scoreWeight,
                tpm: scoreWeight,
                usage: scoreWeight,
              },
              'must be an object of balance, success, rpm, tpm and usage',
            ),
            v.check(
              (weights) =>
                Object.keys(weights).length === 0 || Object.values(weights).some((weight) => weight !== 0),
              'must not all be 0',
            ),
          ),
        ),
      },
      'must be an object',
    ),
    strict({ name: v.literal('fastest'), decayMs: v.optional(count) }, 'must be an object'),
    strict(
      {
        name: v.literal('sticky'),
        idleMs: v.optional(count),
        maxSessions: v.optional(count),
        maxLoad: v.optional(v.pipe(v.number('must be a number'), v.minValue(1, 'must be at least 1'))),
      },
      'must be an object',
    ),
  ],
  "must name 'weighted-score', 'fastest' or 'sticky': the others have no settings and are given as text",
)

const isOwnStrategy = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['add', 'remove', 'pick'].every((name) => typeof Reflect.get(value, name) === 'function')

/** A name, a name with settings, or a user's own; the error speaks of what it looks like. */
const strategy = v.lazy((value) => {
  if (typeof value === 'string') return strategyName
  if (typeof value === 'object' && value !== null && 'name' in value && !isOwnStrategy(value)) return settings
  return v.custom(
    isOwnStrategy,
    `must be one of ${strategyNames.join(', ')}, an object with such a name, or an object with add, remove and pick`,
  )
})

const modelRule = v.lazy((value) =>
  typeof value === 'string'
    ? strategyName
    : strict(
        { strategy: v.optional(strategy), allow: v.optional(names), deny: v.optional(names) },
        'must be the name of a strategy, or an object of strategy, allow and deny',
      ),
)

const largeRule = v.lazy((value) =>
  typeof value === 'string'
    ? strategyName
    : strict(
        { strategy, aboveTokens: v.optional(wholeNumber) },
        'must be the name of a strategy, or an object of strategy and aboveTokens',
      ),
)

const limit = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.finite('must be a finite number'),
    v.minValue(0, 'must not be negative'),
  ),
)

const limits = strict(
  Object.fromEntries(meters.map((meter) => [meter, limit])),
  `must be an object of ${meters.join(', ')}`,
)

const pacing = v.lazy((value) =>
  typeof value === 'boolean'
    ? v.boolean()
    : strict(
        { inFlight: v.optional(count), keys: v.optional(count), windowMs: v.optional(count) },
        'must be true, false, or an object of inFlight, keys and windowMs',
      ),
)

/** Which keys may serve. */
export const keyMode: v.GenericSchema<unknown, KeyMode> = v.picklist(
  ['all', 'selected', 'single'],
  "must be 'all', 'selected' or 'single'",
)

const schema = {
  strategy: v.optional(strategy),
  rules: v.optional(
    strict(
      {
        models: v.optional(byModel(modelRule)),
        free: v.optional(strategy),
        large: v.optional(largeRule),
        stream: v.optional(strategy),
      },
      'must be an object of models, free, large and stream',
    ),
  ),
  mode: v.optional(keyMode),
  selected: v.optional(names),
  limits: v.optional(
    strict(
      {
        models: v.optional(byModel(limits)),
        accounts: v.optional(byName(byModel(limits), 'must be an object by account name')),
        concurrency: v.optional(
          strict(
            { key: v.optional(count), account: v.optional(count), pool: v.optional(count) },
            'must be an object of key, account and pool',
          ),
        ),
        learn: v.optional(v.boolean('must be true or false')),
      },
      'must be an object of models, accounts, concurrency and learn',
    ),
  ),
  health: v.optional(
    strict(
      {
        failureThreshold: v.optional(count),
        maxEjected: v.optional(share),
        probes: v.optional(v.boolean('must be true or false')),
      },
      'must be an object of failureThreshold, maxEjected and probes',
    ),
  ),
  queue: v.optional(
    strict(
      { limit: v.optional(wholeNumber), maxWaitMs: duration },
      'must be an object of limit and maxWaitMs',
    ),
  ),
  pacing: v.optional(pacing),
  sessions: v.optional(
    strict(
      {
        by: v.optional(
          v.pipe(
            v.array(v.picklist(['header', 'user', 'prefix'], "must be 'header', 'user' or 'prefix'")),
            v.minLength(1, 'must name at least one of header, user and prefix'),
          ),
        ),
        header: v.optional(
          v.pipe(v.string(), v.regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, 'must be the name of a header')),
        ),
        prefixBytes: v.optional(count),
      },
      'must be an object of by, header and prefixBytes',
    ),
  ),
  catalogue: v.optional(
    byModel(
      strict(
        {
          free: v.optional(v.boolean('must be true or false')),
          chargedOnly: v.optional(v.boolean('must be true or false')),
          limits: v.optional(limits),
        },
        'must be an object of free, chargedOnly and limits',
      ),
    ),
  ),
  models: v.optional(modelSchema),
  hedging: v.optional(hedgingSchema),
  streams: v.optional(streamSchema),
  leaseTimeoutMs: v.optional(count),
} satisfies v.ObjectEntries

/** What is right for each option of the policy, apart from how they go together. */
export const policySchema: Readonly<Record<keyof PolicyOptions, v.GenericSchema>> = schema
