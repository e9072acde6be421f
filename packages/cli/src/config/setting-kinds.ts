import { resolve } from 'node:path'
import * as v from 'valibot'
import { optional, type Rule, structure, text, toggle } from './rule.js'
import type { Setting } from './setting.js'
import { readDuration, readSize, withDurations } from './units.js'

/** A setting that holds a path. `-` stands for standard input or output, wherever it is written. */
export const pathSetting: Pick<Setting<string | undefined>, 'schema' | 'rule' | 'fallback'> & {
  anchor: NonNullable<Setting<string | undefined>['anchor']>
} = {
  ...optional(text),
  fallback: undefined,
  anchor: (value: string | undefined, directory: string) =>
    value === undefined || value === '-' ? value : resolve(directory, value),
}

/** Makes a switch that is off by default. */
export const switchSetting = (flag: string, description: string): Setting<boolean> => ({
  ...toggle,
  flag,
  description,
  fallback: false,
})

/** The longest delay of a Node.js timer, a little less than 25 days. */
const longestMs = 2_147_483_647

/** A duration: milliseconds, or text with units. Resolves to milliseconds. */
export function durationFrom(minMs: number): Rule<number> {
  return {
    schema: v.pipe(numberFrom(readDuration), v.integer(), v.minValue(minMs), v.maxValue(longestMs)),
    rule: `must be a duration such as 500 (milliseconds), 10s, 5m or 1h30m, from ${minMs} to ${longestMs} milliseconds`,
  }
}

export const duration: Rule<number> = durationFrom(0)

/** A size: bytes, or text with a unit. Resolves to bytes. */
export function sizeFrom(minBytes: number): Rule<number> {
  return {
    schema: v.pipe(
      numberFrom(readSize),
      v.integer(),
      v.minValue(minBytes),
      v.maxValue(Number.MAX_SAFE_INTEGER),
    ),
    rule: `must be a size such as 65536 (bytes), 512kb, 16mb or 1gb, of at least ${minBytes} bytes`,
  }
}

/** A pause in milliseconds: fixed, or chosen at random from a range each time. */
export interface Interval {
  readonly minMs: number
  readonly maxMs: number
}

/** A duration, or two with a hyphen between them. */
export const interval: Rule<Interval> = {
  schema: v.pipe(
    v.union([v.string(), v.pipe(v.number(), v.transform(String))]),
    v.rawTransform<string, Interval>(({ dataset, addIssue, NEVER }) => {
      const ends = dataset.value.split('-').map(readDuration)
      const [minMs, maxMs] = [ends[0], ends.at(-1)]
      const isRange = minMs !== undefined && maxMs !== undefined && minMs <= maxMs && maxMs <= longestMs
      if (isRange && ends.length <= 2) return { minMs, maxMs }
      addIssue({ message: 'no pause' })
      return NEVER
    }),
  ),
  rule: `must be a duration such as 500 (milliseconds) or 10s, or a range such as 200-900, up to ${longestMs} milliseconds`,
}

/** A structure that the pool checks. The names of its durations end in `Ms`, and units are read there, too. */
export const policyStructure: Rule<unknown> = structureWith((name) => name.endsWith('Ms'))

/** The same, for a structure whose numbers are all durations. */
export const durationStructure: Rule<unknown> = structureWith(() => true)

function structureWith(isDuration: (name: string) => boolean): Rule<unknown> {
  const { schema, rule } = structure
  return {
    schema: v.pipe(
      schema,
      v.transform((value) => withDurations(value, isDuration)),
    ),
    rule,
  }
}

/** A number that the pool checks, with units that `read` knows. */
export function policyNumber(read: (text: string) => number | undefined): Rule<unknown> {
  return {
    schema: v.pipe(
      v.unknown(),
      v.transform((given) => (typeof given === 'string' ? (read(given) ?? given) : given)),
      structure.schema,
    ),
    rule: structure.rule,
  }
}

/** Accepts a number or text: flags and variables arrive as text, files may hold numbers. */
function numberFrom(read: (text: string) => number | undefined): v.GenericSchema<unknown, number> {
  return v.union([v.number(), v.pipe(v.string(), v.transform(read), v.number())])
}
