import * as v from 'valibot'
import { duration, strict } from '../validation.js'

const count = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(0, 'must not be negative'),
)

/** The shape of the option `checks`. */
export const scheduleSchema: v.OptionalSchema<v.GenericSchema, undefined> = v.optional(
  strict(
    {
      everyMs: duration,
      jitter: v.optional(
        v.pipe(
          v.number('must be a number'),
          v.minValue(0, 'must be from 0 to 1'),
          v.maxValue(1, 'must be from 0 to 1'),
        ),
      ),
      afterCalls: v.optional(count),
      onLackOfFunds: v.optional(v.boolean('must be true or false')),
      minIntervalMs: duration,
      concurrency: v.optional(v.pipe(count, v.minValue(1, 'must be at least 1'))),
    },
    'must be an object of everyMs, jitter, afterCalls, onLackOfFunds, minIntervalMs and concurrency',
  ),
)
