import { describe, expect, it } from 'vitest'
import { namedMeter } from './named-meter.js'

describe('namedMeter', () => {
  it.each([
    ['Details: TPM limit reached.', 'TPM'],
    ['Details:RPM limit reached.', 'RPM'],
    ['IPD', 'IPD'],
    ['reached the TPMX limit', undefined],
    ['too many requests', undefined],
    [undefined, undefined],
  ])('the message %j names the meter %s', (message, meter) => {
    expect(namedMeter(message)).toBe(meter)
  })
})
