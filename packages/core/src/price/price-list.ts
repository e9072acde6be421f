import * as v from 'valibot'
import { byName, check, strict, text } from '../validation.js'

/** The price of one unit of each kind, as a decimal string. A kind that is not named here has no known price. */
export interface PriceLine {
  /** The line applies only to inputs of more tokens than this. @default any input */
  readonly aboveInputTokens?: number
  /**
   * The line applies only at these times of day, in the list's zone: from the first, up to and without the second, as
   * in `['02:00', '08:00']`; over midnight where the second is earlier. @default all day
   */
  readonly hours?: readonly [from: string, to: string]
  /** Per million input tokens. */
  readonly input?: string
  /** Per million input tokens that came from the upstream's cache. @default `input` */
  readonly cachedInput?: string
  /** Per million output tokens. */
  readonly output?: string
  /** Per million output tokens that were spent on reasoning. @default `output` */
  readonly reasoning?: string
  /** Per image generated. */
  readonly image?: string
  /** Per video generated. */
  readonly video?: string
  /** Per 1,000 UTF-8 bytes of text turned into speech. */
  readonly speech?: string
  /** Per second of transcribed audio. */
  readonly audioSecond?: string
  /** Per minute of transcribed audio, where `audioSecond` is left out. */
  readonly audioMinute?: string
}

/** `free`: every use costs nothing. Of several lines the first that applies counts. */
export type ModelPrice = 'free' | PriceLine | readonly PriceLine[]

export interface SitePrices {
  /** Three-letter code, as in `CNY`. */
  readonly currency: string
  /** By name or pattern; `*` in a pattern stands for any characters. Names come before patterns, long patterns first. */
  readonly models: Readonly<Record<string, ModelPrice>>
}

/** Prices as a file holds them. A model that is not in the file has an unknown price, never a price of zero. */
export interface PriceList {
  /** The day on which these prices were looked up, as in `2026-10-05`. */
  readonly date: string
  /** Where these prices come from, for a human reader. */
  readonly source: string
  /** Offset from UTC of the clock that `hours` go by, as in `+08:00`. @default '+00:00' */
  readonly zone?: string
  /** The factor on the list's prices for calls of a batch. @default '1' */
  readonly batchFactor?: string
  /** By the provider's site. */
  readonly sites: Readonly<Record<string, SitePrices>>
}

/** YAML files write prices without quotes. Such a number becomes its own text, and is never calculated with. */
const amount = v.pipe(
  v.union([v.string(), v.number()], 'must be a decimal string as in "0.15"'),
  v.transform(String),
  v.regex(/^\d{1,9}(\.\d{1,12})?$/, 'must be a decimal string as in "0.15", not negative'),
)

const timeOfDay = v.pipe(
  v.string('must be a time of day as in "08:00"'),
  v.regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day as in "08:00"'),
)

const line = strict(
  {
    aboveInputTokens: v.optional(
      v.pipe(
        v.number('must be a number of tokens'),
        v.integer('must be a whole number'),
        v.minValue(0, 'must not be negative'),
      ),
    ),
    hours: v.optional(v.strictTuple([timeOfDay, timeOfDay], 'must be a list of two times of day')),
    input: v.optional(amount),
    cachedInput: v.optional(amount),
    output: v.optional(amount),
    reasoning: v.optional(amount),
    image: v.optional(amount),
    video: v.optional(amount),
    speech: v.optional(amount),
    audioSecond: v.optional(amount),
    audioMinute: v.optional(amount),
  },
  "must be 'free', an object of prices, or a list of such objects",
)

const modelPrice = v.lazy((value) => {
  if (typeof value === 'string') return v.literal('free', "must be 'free', or an object of prices")
  return Array.isArray(value)
    ? v.pipe(v.array(line, 'must be a list of objects'), v.minLength(1, 'must name at least one price'))
    : line
})

/** The schema of a price list. */
export const priceListSchema: v.GenericSchema<unknown, PriceList> = strict(
  {
    date: v.pipe(v.string('must be a day as in "2026-10-05"'), v.isoDate('must be a day as in "2026-10-05"')),
    source: text,
    zone: v.optional(
      v.pipe(
        v.string('must be an offset as in "+08:00"'),
        v.regex(/^[+-](?:0\d|1[0-4]):[0-5]\d$/, 'must be an offset as in "+08:00"'),
      ),
    ),
    batchFactor: v.optional(amount),
    sites: byName(
      strict(
        {
          currency: v.pipe(
            v.string('must be the code of a currency as in "CNY"'),
            v.regex(/^[A-Z]{3}$/, 'must be the code of a currency as in "CNY"'),
          ),
          models: byName(modelPrice, 'must be an object of prices by model name or pattern'),
        },
        'must be an object of currency and models',
      ),
      'must be an object by site',
    ),
  },
  'must be an object of date, source and sites',
) as v.GenericSchema<unknown, PriceList>

/**
 * Checks a price list that was parsed from JSON or YAML. Throws a `ConfigError` that names what is wrong, with `option`
 * as the place of the list.
 */
export function checkPriceList(given: unknown, option: string): PriceList {
  return check(priceListSchema, given, option)
}
