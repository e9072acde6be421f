import { describe, expect, it } from 'vitest'
import type { Fault, Outcome } from '../../outcome/outcome.js'
import { siliconflow } from '../../provider/siliconflow.js'
import type { VerdictKind } from '../verdict.js'
import { type Ruling, reasonOf, rulingOf, wrongSiteRuling } from './ruling.js'

describe('the ruling on a key', () => {
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
  ])('a fault of %s makes the verdict %s', (fault, verdict) => {
    expect(rulingOf({ kind: 'rejected', fault }).verdict).toBe(verdict)
  })

  it('a success makes the verdict valid, an aborted attempt unknown', () => {
    expect(rulingOf({ kind: 'success' })).toMatchObject({ verdict: 'valid', next: null })
    expect(rulingOf({ kind: 'aborted' })).toMatchObject({ verdict: 'unknown', cause: 'network' })
  })

  it.each<[Fault, string]>([
    ['network', 'network'],
    ['ip-block', 'ip-block'],
    ['model', 'model'],
    ['caller', 'request'],
    ['overload', 'upstream'],
  ])('an unknown verdict after a fault of %s has the cause %s', (fault, cause) => {
    expect(rulingOf({ kind: 'rejected', fault })).toMatchObject({ verdict: 'unknown', cause })
  })

  it('a reason holds none of the upstream’s control characters, which terminals would obey', () => {
    const message = '\u001b[31mno\u001b]0;title\u0007\r\nnext \u009b2J'
    const { reason } = rulingOf({ kind: 'unauthorized', fault: 'key', status: 401, message })
    expect(reason).toBe('[31mno ]0;title next  2J (HTTP 401)')
  })

  it('a limited verdict says how long the limit lasts where the upstream did', () => {
    const limited: Outcome = { kind: 'rate-limited', fault: 'limit' }
    expect(rulingOf(limited)).toMatchObject({ retryAfterMs: null })
    expect(rulingOf({ ...limited, retryAfterMs: 5_000 })).toMatchObject({ retryAfterMs: 5_000 })
  })

  it('a refusal for lack of recharged money restricts the account instead of calling it exhausted', () => {
    const refused: Outcome = { kind: 'insufficient-balance', fault: 'funds', funds: 'charged' }
    expect(rulingOf(refused)).toMatchObject({ verdict: 'restricted', restriction: 'charged-only' })
  })

  it('a wrong-site ruling names the site that accepts the key', () => {
    const refusal: Outcome = {
      kind: 'unauthorized',
      fault: 'key',
      status: 401,
      code: 30014,
      message: 'Token is invalid.',
    }
    expect(wrongSiteRuling(refusal, 'com')).toEqual({
      verdict: 'wrong-site',
      rightSite: 'com',
      reason: 'com accepts it; here: Token is invalid. (HTTP 401 code 30014)',
      next: 'Set the site of the key to com.',
    })
  })
})

describe('a refusal of SiliconFlow’s', () => {
  const provider = siliconflow()
  const body = (code: number) => JSON.stringify({ code, message: '…', data: null })
  const ruling = (status: number, code: number): Ruling => {
    const outcome = provider.classify({ status, headers: [], body: body(code) })
    return rulingOf(outcome, provider.restrictionOf?.(outcome))
  }

  it.each([
    [403, 30005, 'real-name'],
    [403, 20051, 'real-name'],
    [429, 50606, 'real-name'],
    [403, 30011, 'charged-only'],
    [403, 30007, 'tier'],
    [403, 30006, 'other'],
    [403, 30010, 'other'],
  ])('a refusal by %i with code %i restricts the account: %s', (status, code, restriction) => {
    const found = ruling(status, code)
    expect(found).toMatchObject({ verdict: 'restricted', restriction })
    expect(found.next).toMatch(/\w+\.$/)
  })

  it.each([
    [401, 30014, 'invalid'],
    [402, 30001, 'exhausted'],
    [403, 30001, 'exhausted'],
    [403, 30002, 'disabled'],
    [403, 30012, 'disabled'],
    [403, 30003, 'unknown'],
    [429, 50602, 'limited'],
    [503, 50505, 'unknown'],
  ])('a refusal by %i with code %i makes the verdict %s', (status, code, verdict) => {
    expect(ruling(status, code).verdict).toBe(verdict)
  })
})

describe('the reason of a ruling', () => {
  it.each([
    [{ kind: 'success', status: 200 }, 'accepted by the upstream'],
    [
      { kind: 'unauthorized', fault: 'key', status: 401, code: 30014, message: 'Token is invalid.' },
      'Token is invalid. (HTTP 401 code 30014)',
    ],
    [
      { kind: 'unauthorized', fault: 'key', status: 401, message: 'Invalid token' },
      'Invalid token (HTTP 401)',
    ],
    [{ kind: 'upstream-error', fault: 'overload', status: 502 }, 'HTTP 502'],
    [{ kind: 'timeout', fault: 'network', message: 'no answer in time' }, 'no answer in time (timeout)'],
    [{ kind: 'aborted' }, 'aborted'],
  ] as const)('the reason of %j reads "%s"', (outcome, reason) => {
    expect(reasonOf(outcome)).toBe(reason)
  })
})
