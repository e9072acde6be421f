import * as v from 'valibot'
import { ConfigError } from '../errors.js'
import { strategyChoice, strategyName } from '../strategy/strategy-schema.js'
import { byModel, check, strict, text, wholeNumber } from '../validation.js'
import type { KeyMode } from './rules.js'

/** A list that names keys by id, label, account or mask. */
export const keyNames: v.GenericSchema = v.array(
  text,
  'must be a list of ids, labels, accounts or masks of keys',
)

const modelRule = v.lazy((value) =>
  typeof value === 'string'
    ? strategyName
    : strict(
        { strategy: v.optional(strategyChoice), allow: v.optional(keyNames), deny: v.optional(keyNames) },
        'must be the name of a strategy, or an object of strategy, allow and deny',
      ),
)

const largeRule = v.lazy((value) =>
  typeof value === 'string'
    ? strategyName
    : strict(
        { strategy: strategyChoice, aboveTokens: v.optional(wholeNumber) },
        'must be the name of a strategy, or an object of strategy and aboveTokens',
      ),
)

/** The option `rules`. */
export const rulesSchema: v.GenericSchema = strict(
  {
    models: v.optional(byModel(modelRule)),
    free: v.optional(strategyChoice),
    large: v.optional(largeRule),
    stream: v.optional(strategyChoice),
  },
  'must be an object of models, free, large and stream',
)

/** The option `mode`: which keys may serve. */
export const keyMode: v.GenericSchema<unknown, KeyMode> = v.picklist(
  ['all', 'selected', 'single'],
  "must be 'all', 'selected' or 'single'",
)

/** Throws a `ConfigError` when a key mode and its keys do not go together. */
export function checkMode(mode: KeyMode, selected: readonly string[] | undefined): void {
  if (mode === 'all' && selected !== undefined)
    throw new ConfigError('selected', "goes with mode 'selected' or 'single' only", selected)
  if (mode === 'selected' && (selected ?? []).length === 0)
    throw new ConfigError('selected', "must name at least one key with mode 'selected'", selected)
  if (mode === 'single' && selected?.length !== 1)
    throw new ConfigError('selected', "must name exactly one key with mode 'single'", selected)
}

/** Throws a `ConfigError` for a wrong key mode that is given while the pool runs. */
export function checkModeInput(mode: unknown, selected: unknown): void {
  check(
    strict({ mode: keyMode, selected: v.optional(keyNames) }, 'must be an object'),
    { mode, ...(selected === undefined ? {} : { selected }) },
    '',
  )
  checkMode(mode as KeyMode, selected as readonly string[] | undefined)
}
