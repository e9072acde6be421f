import type { Meter } from '../outcome/meter.js'
import type { AnswerEvidence } from './answer-evidence.js'
import type { AnswerMeaning } from './classify-by-status.js'

const caller: AnswerMeaning = { kind: 'rejected', fault: 'caller' }
const model: AnswerMeaning = { kind: 'rejected', fault: 'model' }
const permission: AnswerMeaning = { kind: 'rejected', fault: 'permission' }
const disabled: AnswerMeaning = { kind: 'unauthorized', fault: 'disabled' }
const overload: AnswerMeaning = { kind: 'upstream-error', fault: 'overload' }
const limit = (meter: Meter): AnswerMeaning => ({ kind: 'rate-limited', fault: 'limit', meter })

/**
 * SiliconFlow's error codes, which decide before the status does. Taken from the vendor's error-code pages (in part
 * retired) and from answers observed in 2025 and 2026.
 */
const byCode: Readonly<Record<number, AnswerMeaning>> = {
  20012: model,
  20051: permission,
  20092: caller,
  30000: permission,
  30001: { kind: 'insufficient-balance', fault: 'funds' },
  30002: disabled,
  30003: model,
  30004: permission,
  30005: permission,
  30006: permission,
  30007: permission,
  30008: disabled,
  30009: { kind: 'unauthorized', fault: 'key' },
  30010: permission,
  30011: permission,
  30012: disabled,
  30013: { kind: 'upstream-error', fault: 'ip-block' },
  30014: { kind: 'unauthorized', fault: 'key' },
  50601: limit('RPM'),
  50602: limit('TPM'),
  50603: { kind: 'upstream-error', fault: 'ip-block' },
  50604: limit('IPM'),
  50605: limit('IPD'),
  // An account without real-name verification: 100 requests a day, so its cooldown lasts until the day ends.
  50606: { ...limit('RPD'), accountWide: true },
  50607: limit('RPH'),
  50608: limit('RPD'),
}

/** The meaning of codes that come in ranges. */
function byRange(code: number): AnswerMeaning | undefined {
  if (code >= 20011 && code <= 20099) return caller
  if (code >= 50500 && code <= 50599) return overload
  if (code >= 60000 && code <= 60099) return overload
  return undefined
}

/** The meaning of SiliconFlow's code, or of the message of its 429 without one. Undefined for anything else. */
export function meaningOfSiliconflowCode({
  code,
  status,
  message,
}: AnswerEvidence): AnswerMeaning | undefined {
  if (status === 429 && /\bbusy\b/i.test(message ?? '')) return overload
  const meaning = typeof code === 'number' ? (byCode[code] ?? byRange(code)) : undefined
  // "System is really busy" comes with the code of a bad parameter, yet no 429 is the caller's fault.
  return status === 429 && meaning === caller ? overload : meaning
}
