import * as v from 'valibot'
import { positiveInteger, strict } from '../validation.js'
import { strategyNames } from './named.js'

const scoreWeight = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.finite('must be a finite number'),
    v.minValue(0, 'must not be negative'),
  ),
)

/** Accepts the name of a strategy. */
export const strategyName: v.GenericSchema = v.picklist(
  strategyNames,
  `must be one of ${strategyNames.join(', ')}`,
)

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
    strict({ name: v.literal('fastest'), decayMs: v.optional(positiveInteger) }, 'must be an object'),
    strict(
      {
        name: v.literal('sticky'),
        idleMs: v.optional(positiveInteger),
        maxSessions: v.optional(positiveInteger),
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

/** Accepts the option `strategy`: a name, a name with settings, or an own strategy. The error fits the form given. */
export const strategyChoice: v.GenericSchema = v.lazy((value) => {
  if (typeof value === 'string') return strategyName
  if (typeof value === 'object' && value !== null && 'name' in value && !isOwnStrategy(value)) return settings
  return v.custom(
    isOwnStrategy,
    `must be one of ${strategyNames.join(', ')}, an object with such a name, or an object with add, remove and pick`,
  )
})
