import { validateHeaderName, validateHeaderValue } from 'node:http'
import * as v from 'valibot'
import { isDecimal } from '../account/money.js'

/** An optional field. It may be absent but not `undefined`, because the input is JSON. */
export const opt: typeof v.exactOptional = v.exactOptional

export const text: v.GenericSchema<unknown, string> = v.pipe(
  v.string('must be a string'),
  v.nonEmpty('must not be empty'),
)

export const flag: v.GenericSchema<unknown, boolean> = v.boolean('must be true or false')

export const count: v.GenericSchema<unknown, number> = v.pipe(
  v.number('must be a number'),
  v.safeInteger('must be a whole number'),
  v.minValue(0, 'must not be negative'),
)

export const duration: v.GenericSchema<unknown, number> = v.pipe(
  v.number('must be a number of milliseconds'),
  v.finite('must be finite'),
  v.minValue(0, 'must not be negative'),
)

export const amount: v.GenericSchema<unknown, string> = v.pipe(
  v.string('must be a decimal string such as "88.00"'),
  v.check(isDecimal, 'must be a decimal string such as "88.00"'),
)

export function oneOf<const Options extends readonly string[]>(
  ...options: Options
): v.GenericSchema<unknown, Options[number]> {
  return v.picklist(options, `must be one of ${options.join(', ')}`)
}

export function isHeaderName(text: string): boolean {
  return succeeds(() => validateHeaderName(text))
}

export function isHeaderValue(text: string): boolean {
  return succeeds(() => validateHeaderValue('x', text))
}

function succeeds(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}
