import { describe, expect, it } from 'vitest'
import type { Fault } from '../key/outcome.js'
import { reasonOf, type VerdictKind, verdictOf } from './verdict.js'

describe('the verdict on a key', () => {
  it.each<[Fault, VerdictKind]>([
    ['key', 'invalid'],
    ['disabled', 'disabled'],
    ['funds', 'exhausted'],
    ['permission', 'restricted'],
    ['limit', 'limited'],
    ['caller', 'unknown'],
    ['model', 'unknown'],
    ['overload', 'unknown'],
    ['ip-block', 'unknown'],
    ['network', 'unknown'],
  ])('after a fault of %s is %s', (fault, verdict) => {
    expect(verdictOf({ kind: 'rejected', fault })).toBe(verdict)
  })

  it('is valid when the upstream took it, unknown when nobody waited for the answer', () => {
    expect(verdictOf({ kind: 'success' })).toBe('valid')
    expect(verdictOf({ kind: 'aborted' })).toBe('unknown')
  })
})

describe('the evidence for a verdict', () => {
  it.each([
    [{ kind: 'success', status: 200 }, 'accepted by the upstream'],
    [
      { kind: 'unauthorized', fault: 'key', status: 401, code: 30014, message: 'Token is invalid.' },
      'HTTP 401 code 30014: Token is invalid.',
    ],
    [
      { kind: 'unauthorized', fault: 'key', status: 401, message: 'Invalid token' },
      'HTTP 401: Invalid token',
    ],
    [{ kind: 'upstream-error', fault: 'overload', status: 502 }, 'HTTP 502'],
    [{ kind: 'timeout', fault: 'network', message: 'no answer in time' }, 'timeout: no answer in time'],
    [{ kind: 'aborted' }, 'aborted'],
  ] as const)('of %j reads "%s"', (outcome, reason) => {
    expect(reasonOf(outcome)).toBe(reason)
  })
})
