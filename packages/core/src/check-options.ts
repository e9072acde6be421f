import * as v from 'valibot'
import type { BatchOptions } from './balance/batch.js'
import type { ProbeOptions } from './balance/probe.js'
import { check, duration, strict } from './checked.js'
import { checkSite } from './key-input.js'
import type { Provider } from './provider/provider.js'

export interface CheckOptions extends BatchOptions, ProbeOptions {
  /** Tokens to check, of this pool or not. @default the pool's own keys */
  readonly keys?: Iterable<string>
  /** The site of tokens that are not the pool's. @default the pool's site */
  readonly site?: string
}

const isRange = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((end) => Number.isFinite(end) && end >= 0) &&
  value[0] <= value[1]

const checkOptionsSchema = strict(
  {
    keys: v.optional(
      v.custom<Iterable<string>>(
        (keys) => typeof keys === 'object' && keys !== null && Symbol.iterator in keys,
        'must be a list of tokens',
      ),
    ),
    site: v.optional(v.string('must be a string')),
    concurrency: v.optional(
      v.pipe(
        v.number('must be a number'),
        v.integer('must be a whole number'),
        v.minValue(1, 'must be from 1 to 1000'),
        v.maxValue(1_000, 'must be from 1 to 1000'),
      ),
    ),
    intervalMs: v.optional(
      v.custom<number | readonly [number, number]>(
        (value) => isRange(value) || isRange([value, value]),
        'must be a number of milliseconds from 0, or a pair of them, the smaller first',
      ),
    ),
    timeoutMs: duration,
    retries: v.optional(
      v.pipe(
        v.number('must be a number'),
        v.integer('must be a whole number'),
        v.minValue(0, 'must not be negative'),
      ),
    ),
    signal: v.optional(v.instance(AbortSignal, 'must be an AbortSignal')),
  },
  'must be an object',
)

/** Checks how keys are to be checked. Reads the options only; throws a `ConfigError` that names the first wrong one. */
export function assertCheckOptions(options: CheckOptions, provider: Provider): void {
  check(checkOptionsSchema, options, 'check')
  checkSite(options.site, 'check', provider)
}
