import * as v from 'valibot'
import type { RequestKeep } from '../store/stored-request.js'
import { strict } from '../validation.js'

/** The log of requests, which a gateway writes and `pool.requests` reads. */
export interface RequestLogOptions {
  /**
   * How much is kept, whichever bound is met first; false for none. A store in memory keeps 10,000 rows at most.
   * @default { rows: 100_000, days: 30, megabytes: 64 }
   */
  readonly keep?: Partial<RequestKeep> | false
}

const defaultKeep: RequestKeep = { rows: 100_000, days: 30, megabytes: 64 }

const above0 = v.pipe(
  v.number('must be a number'),
  v.finite('must be finite'),
  v.gtValue(0, 'must be above 0'),
)

const keepSchema = strict(
  {
    rows: v.optional(
      v.pipe(
        v.number('must be a number of requests'),
        v.integer('must be a whole number of requests'),
        v.minValue(1, 'must be at least 1; false keeps none'),
        v.maxValue(10_000_000, 'must not be above 10000000'),
      ),
    ),
    days: v.optional(v.pipe(above0, v.maxValue(3_660, 'must not be above 3660'))),
    megabytes: v.optional(v.pipe(above0, v.maxValue(100_000, 'must not be above 100000'))),
  },
  'must be false or an object of rows, days and megabytes',
)

export const requestLogSchema: v.GenericSchema = v.optional(
  strict(
    {
      // A union would say less of what is wrong in the object.
      keep: v.optional(v.lazy((given) => (given === false ? v.literal(false) : keepSchema))),
    },
    'must be an object with keep',
  ),
)

/** What is kept; null for nothing. */
export function requestKeepOf({ keep }: RequestLogOptions = {}): RequestKeep | null {
  return keep === false ? null : { ...defaultKeep, ...keep }
}
