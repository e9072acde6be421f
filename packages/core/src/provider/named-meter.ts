import type { Meter } from '../outcome/meter.js'

const meterName = /\b(RPM|RPH|RPD|TPM|TPD|IPM|IPD)\b/

/** The meter that an error message names, as in "Details: TPM limit reached." */
export function namedMeter(message: string | undefined): Meter | undefined {
  return message === undefined ? undefined : (meterName.exec(message)?.[1] as Meter | undefined)
}
