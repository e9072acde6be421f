import * as v from 'valibot'
import { byModel, byName, positiveInteger, strict } from '../validation.js'
import { meters } from './meters.js'

const limit = v.optional(
  v.pipe(
    v.number('must be a number'),
    v.finite('must be a finite number'),
    v.minValue(0, 'must not be negative'),
  ),
)

/** Limits of one account and model, by meter. */
export const limitsSchema: v.GenericSchema = strict(
  Object.fromEntries(meters.map((meter) => [meter, limit])),
  `must be an object of ${meters.join(', ')}`,
)

/** The option `limits`. */
export const limitOptionsSchema: v.GenericSchema = strict(
  {
    models: v.optional(byModel(limitsSchema)),
    accounts: v.optional(byName(byModel(limitsSchema), 'must be an object by account name')),
    concurrency: v.optional(
      strict(
        {
          key: v.optional(positiveInteger),
          account: v.optional(positiveInteger),
          pool: v.optional(positiveInteger),
        },
        'must be an object of key, account and pool',
      ),
    ),
    learn: v.optional(v.boolean('must be true or false')),
  },
  'must be an object of models, accounts, concurrency and learn',
)

/** The option `pacing`. */
export const pacingSchema: v.GenericSchema = v.lazy((value) =>
  typeof value === 'boolean'
    ? v.boolean()
    : strict(
        {
          inFlight: v.optional(positiveInteger),
          keys: v.optional(positiveInteger),
          windowMs: v.optional(positiveInteger),
        },
        'must be true, false, or an object of inFlight, keys and windowMs',
      ),
)
