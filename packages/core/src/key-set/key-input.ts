import * as v from 'valibot'
import type { KeyInput } from '../key/key.js'
import { isDecimal } from '../money/decimal.js'
import { checkSite } from '../provider/check-site.js'
import type { Provider } from '../provider/provider.js'
import { check, strict } from '../validation.js'

/** What an operator may change about a key; `label: null` removes the label. */
export interface KeyChanges extends Partial<Omit<KeyInput, 'secret' | 'label' | 'balance'>> {
  readonly label?: string | null
  /** Money on the account now, as in `12.50`; with a plus sign, as in `+12.50`, money that was added to it. */
  readonly balance?: string
}

/** A key of extreme weight would starve the others, or lose its share to rounding. */
const weight = v.pipe(
  v.number('must be a number'),
  v.minValue(0.001, 'must be from 0.001 to 1000'),
  v.maxValue(1_000, 'must be from 0.001 to 1000'),
)

const keyInputSchema = strict(
  {
    secret: v.pipe(
      v.string('must be a string'),
      v.trim(),
      v.minLength(1, 'must not be empty'),
      v.regex(/^[\x21-\x7e]+$/, 'must hold visible ASCII characters only'),
    ),
    account: v.optional(v.pipe(v.string('must be a string'), v.trim(), v.minLength(1, 'must not be empty'))),
    label: v.optional(v.string('must be a string')),
    weight: v.optional(weight),
    site: v.optional(v.string('must be a string')),
    enabled: v.optional(v.boolean('must be true or false')),
    balance: v.optional(
      v.pipe(
        v.string('must be a decimal string'),
        v.check((text) => isDecimal(text) && !text.startsWith('+'), 'must be a decimal string as in "12.50"'),
      ),
    ),
  },
  'must be a string or an object with a secret',
)

const keyChangesSchema = v.partial(
  strict(
    {
      ...v.omit(keyInputSchema, ['secret']).entries,
      label: v.nullable(v.string('must be a string, or null for none')),
      balance: v.pipe(
        v.string('must be a decimal string'),
        v.check(isDecimal, 'must be a decimal string as in "12.50", or "+12.50" for money that was added'),
      ),
    },
    'must be an object',
  ),
)

/** Validates a key as the caller gave it. `option` names the place of the key in errors. */
export function checkKeyInput(input: string | KeyInput, option: string, provider: Provider): KeyInput {
  const key = check(keyInputSchema, typeof input === 'string' ? { secret: input } : input, option) as KeyInput
  checkSite(key.site, option, provider)
  return key
}

/** Validates the changes for `keys.update`. */
export function checkKeyChanges(changes: KeyChanges, provider: Provider): KeyChanges {
  const checked = check(keyChangesSchema, changes, 'changes') as KeyChanges
  checkSite(checked.site, 'changes', provider)
  return checked
}
