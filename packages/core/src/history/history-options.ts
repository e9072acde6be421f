import * as v from 'valibot'
import { strict } from '../validation.js'

/** How long history is kept, and how much of it. */
export interface HistoryOptions {
  /** Steps of a minute that are kept. An hour is summed up from its minutes when it is over. @default 180 */
  readonly minutes?: number
  /** Steps of an hour that are kept. A day is summed up from its hours. @default 1440, which is 60 days */
  readonly hours?: number
  /** Days that are kept. @default 1095, which is three years */
  readonly days?: number
  /** Keys, accounts, models and clients that a step tells apart, of each; the rest is counted as `other`. @default 100 */
  readonly names?: number
}

export const defaultHistory: Required<HistoryOptions> = Object.freeze({
  minutes: 180,
  hours: 1_440,
  days: 1_095,
  names: 100,
})

const between = (least: number, most: number, why: string): v.GenericSchema<number> =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}${why}`),
    v.maxValue(most, `must be at most ${most}`),
  )

export const historySchema: v.GenericSchema = v.lazy((given) =>
  typeof given === 'boolean'
    ? v.literal(false, 'must be false, or an object of minutes, hours, days and names')
    : strict(
        {
          minutes: v.optional(between(120, 1_440, ': hours are summed up from minutes')),
          hours: v.optional(between(48, 10_000, ': days are summed up from hours')),
          days: v.optional(between(1, 3_660, '')),
          names: v.optional(between(1, 1_000, '')),
        },
        'must be false, or an object of minutes, hours, days and names',
      ),
)
