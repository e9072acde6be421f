import * as v from 'valibot'
import { ConfigError, withheld } from './errors.js'
import { maskTokens } from './mask.js'

/** An object with these fields and no other; `shape` says what is expected when it is no object at all. */
export function strict<Entries extends v.ObjectEntries>(
  entries: Entries,
  shape: string,
): v.StrictObjectSchema<Entries, v.ErrorMessage<v.StrictObjectIssue>> {
  return v.strictObject(entries, ({ expected }) => {
    if (expected === 'never') return 'is not an option'
    return expected === 'Object' ? shape : 'is needed'
  })
}

/**
 * The value as the schema has it. Throws a `ConfigError` that names the first option that breaks a rule; `option` is
 * where the value itself stands, `''` for the options as a whole.
 */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  option: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [{ input, expected, message, path: where = [] }] = result.issues
  const path = [option, ...where.map(({ key }) => String(key))].filter((part) => part !== '').join('.')
  const isUnknown = expected === 'never'
  const received = isUnknown ? where.at(-1)?.value : input
  // A token may stand anywhere in a key that is written wrongly.
  const isSecret = typeof received === 'string' && (isUnknown || /\b(keys|secret)$/.test(path))
  throw new ConfigError(maskTokens(path === '' ? 'options' : path), message, isSecret ? withheld : received)
}

export const text: v.GenericSchema<string> = v.pipe(
  v.string('must be a string'),
  v.minLength(1, 'must not be empty'),
)

/** An object by names of the user's own. A list would pass for one with numbers as names. */
export const byName = <Value extends v.GenericSchema>(value: Value, shape: string): v.GenericSchema =>
  v.pipe(
    v.custom<Readonly<Record<string, unknown>>>((given) => !Array.isArray(given), shape),
    v.record(text, value, shape),
  )

export const byModel = <Value extends v.GenericSchema>(value: Value): v.GenericSchema =>
  byName(value, 'must be an object by model name or pattern')

/** The longest that a timer of JavaScript can run; beyond it, it would fire at once. */
const longestTimerMs = 2_147_483_647

/** A length of time in milliseconds. */
export const duration: v.OptionalSchema<v.GenericSchema<number>, undefined> = v.optional(
  v.pipe(
    v.number('must be a number of milliseconds'),
    v.minValue(0, 'must not be negative'),
    v.maxValue(longestTimerMs, `must not be above ${longestTimerMs}, which is 24 days; 0 means no limit`),
  ),
)

/** The defaults, each replaced where something else is given; what is given as undefined counts as not given. */
export function completed<T extends object>(defaults: T, given: Partial<T> = {}): T {
  const names = Object.keys(defaults) as (keyof T)[]
  return Object.fromEntries(names.map((name) => [name, given[name] ?? defaults[name]])) as T
}

export const positiveInteger: v.GenericSchema<number> = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
)

export const wholeNumber: v.GenericSchema<number> = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(0, 'must not be negative'),
)

/** A part of a whole. */
export const share: v.GenericSchema<number> = v.pipe(
  v.number('must be a number'),
  v.minValue(0, 'must be from 0 to 1'),
  v.maxValue(1, 'must be from 0 to 1'),
)

/** Throws a `ConfigError` for a figure that cannot be counted or waited for: not finite, or negative. */
export function checkFigure(option: string, value: number): void {
  if (!Number.isFinite(value) || value < 0)
    throw new ConfigError(option, 'must be a number that is not negative', value)
}
