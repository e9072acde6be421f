import type { MeterName } from '../account/limits.js'
import { type ErrorSample, shaped } from './error-sample.js'

export type RateLimitErrorName =
  | `rate-limit-${MeterName}`
  | `rate-limit-${MeterName}-classic`
  | 'rate-limit-tpm-no-code'
  | 'rate-limit-tpm-no-data'

/** The platform's error codes; TPD has none. */
const codes: Readonly<Record<MeterName, number | undefined>> = {
  rpm: 50_601,
  tpm: 50_602,
  ipm: 50_604,
  ipd: 50_605,
  rph: 50_607,
  rpd: 50_608,
  tpd: undefined,
}

/** Meters whose full text was published or observed; the others follow the pattern. */
const seen: ReadonlySet<MeterName> = new Set(['tpm', 'ipm'])

export const rateLimitSamples: Readonly<Record<RateLimitErrorName, ErrorSample>> = {
  'rate-limit-rpm': current('rpm'),
  'rate-limit-rph': current('rph'),
  'rate-limit-rpd': current('rpd'),
  'rate-limit-tpm': current('tpm'),
  'rate-limit-tpd': current('tpd'),
  'rate-limit-ipm': current('ipm'),
  'rate-limit-ipd': current('ipd'),
  'rate-limit-rpm-classic': classic('rpm'),
  'rate-limit-rph-classic': classic('rph'),
  'rate-limit-rpd-classic': classic('rpd'),
  'rate-limit-tpm-classic': classic('tpm'),
  'rate-limit-tpd-classic': classic('tpd'),
  'rate-limit-ipm-classic': classic('ipm'),
  'rate-limit-ipd-classic': classic('ipd'),
  // Observed between the classic wording and the current one.
  'rate-limit-tpm-no-code': shaped(429, { message: messageOf('tpm'), data: null }, ['limit', 'observed']),
  'rate-limit-tpm-no-data': shaped(429, { code: codes.tpm, message: messageOf('tpm') }, [
    'limit',
    'observed',
  ]),
}

function messageOf(meter: MeterName): string {
  return `Request was rejected due to rate limiting. Details: ${meter.toUpperCase()} limit reached.`
}

function current(meter: MeterName): ErrorSample {
  const code = codes[meter]
  const message = messageOf(meter)
  const body = code === undefined ? { message, data: null } : { code, message, data: null }
  return shaped(429, body, ['limit', seen.has(meter) ? 'observed' : 'inferred', 'current'])
}

function classic(meter: MeterName): ErrorSample {
  const message = `Request was rejected due to rate limiting. If you want more, please contact contact@siliconflow.cn. Details:${meter.toUpperCase()} limit reached.`
  return shaped(429, { message, data: null }, [
    'limit',
    seen.has(meter) ? 'documented' : 'inferred',
    'classic',
  ])
}
