import { type ErrorClass, type ErrorName, type ErrorSample, errorSamples } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import type { Fault, Outcome, OutcomeKind } from '../outcome/outcome.js'
import { siliconflow } from './siliconflow.js'

const provider = siliconflow()
const classify = ({ status, body }: Pick<ErrorSample, 'status' | 'body'>, headers: string[] = []): Outcome =>
  provider.classify({ status, headers, body })

const samples = Object.entries(errorSamples) as [ErrorName, ErrorSample][]
const ofClass = (errorClass: ErrorClass): [ErrorName, ErrorSample][] =>
  samples.filter(([name, sample]) => sample.class === errorClass && !(name in exceptions))

/** The outcomes of every error of a class. */
const meanings: Readonly<Record<ErrorClass, { kinds: readonly OutcomeKind[]; faults: readonly Fault[] }>> = {
  key: { kinds: ['unauthorized'], faults: ['key', 'disabled'] },
  funds: { kinds: ['insufficient-balance'], faults: ['funds'] },
  limit: { kinds: ['rate-limited'], faults: ['limit'] },
  permission: { kinds: ['rejected'], faults: ['permission'] },
  model: { kinds: ['rejected'], faults: ['model'] },
  caller: { kinds: ['rejected'], faults: ['caller'] },
  upstream: { kinds: ['upstream-error'], faults: ['overload'] },
  'ip-ban': { kinds: ['upstream-error'], faults: ['ip-block'] },
}

/** Samples that are classified otherwise than their class, with the reason. */
const exceptions: Partial<Record<ErrorName, { fault: Fault; why: string }>> = {
  'client-closed': {
    fault: 'overload',
    why: 'we did not close the connection that brought this answer, so something on the way did',
  },
}

describe.each(Object.keys(meanings) as ErrorClass[])('an error of class %s', (errorClass) => {
  it.each(ofClass(errorClass))(
    `the error %s is classified as one of class ${errorClass}`,
    (_name, sample) => {
      const { kind, fault, status, code } = classify(sample)
      expect(meanings[errorClass].kinds).toContain(kind)
      expect(meanings[errorClass].faults).toContain(fault)
      expect(status).toBe(sample.status)
      expect(code).toBe(sample.code)
    },
  )
})

it.each(Object.entries(exceptions))(
  'the error %s is classified otherwise than its class',
  (name, { fault }) => {
    expect(classify(errorSamples[name as ErrorName]).fault).toBe(fault)
  },
)

describe('a 401 or 403', () => {
  it.each<[ErrorName, Fault]>([
    ['token-missing-classic', 'key'],
    ['token-invalid-classic', 'key'],
    ['token-invalid', 'key'],
    ['user-disabled', 'disabled'],
    ['user-not-found', 'disabled'],
    ['user-expired', 'disabled'],
  ])('the error %s is a fault of kind %s', (name, fault) => {
    expect(classify(errorSamples[name]).fault).toBe(fault)
  })

  it('a 403 with a web page comes from a firewall and is no fault of the key', () => {
    const page = { status: 403, body: '<!DOCTYPE html><title>Access denied</title>' }
    expect(classify(page)).toEqual({ kind: 'upstream-error', fault: 'ip-block', status: 403 })
  })
})

describe('a limit', () => {
  const limits = samples.filter(([name]) => name.startsWith('rate-limit-'))

  it.each(limits)('the error %s names its meter, with a code or without', (name, sample) => {
    expect(classify(sample).meter).toBe(/rate-limit-(...)/.exec(name)?.[1]?.toUpperCase())
  })

  it('the limit of an unverified user holds for the whole account and the day', () => {
    expect(classify(errorSamples['unverified-daily-limit'])).toMatchObject({
      fault: 'limit',
      meter: 'RPD',
      accountWide: true,
    })
  })

  it('a limit keeps the delay that the upstream asks for', () => {
    expect(classify(errorSamples['rate-limit-rpm'], ['retry-after', '12']).retryAfterMs).toBe(12_000)
  })

  it('a 429 is overload when its message says "busy", whatever its code', () => {
    const busy = (body: unknown) => classify({ status: 429, body: JSON.stringify(body) }).fault
    expect(busy({ message: 'System is really busy, please try again later' })).toBe('overload')
    expect(busy({ code: 20015, message: '系统繁忙' })).toBe('overload')
    expect(busy({ code: 50505, message: 'Model service overloaded.' })).toBe('overload')
  })
})

describe('an error that may have run upstream', () => {
  const ran = samples.filter(([, sample]) => classify(sample).maybeRan === true).map(([name]) => name)

  it('an error may have run upstream when it broke off at work, never when it was refused', () => {
    expect(ran.toSorted()).toEqual([
      'bad-gateway-empty',
      'bad-gateway-html',
      'client-closed',
      'engine-error',
      'gateway-timeout-empty',
      'gateway-timeout-html',
      'gateway-timeout-plain',
      'gateway-timeout-string',
      'inference-timeout',
      'internal-error',
      'unknown-error',
    ])
  })

  it.each([500, 502, 504, 520, 524, 599])(
    'a call that ended with %i may have run upstream, known or not',
    (status) => {
      expect(classify({ status, body: '' }).maybeRan).toBe(true)
    },
  )

  it.each([501, 503, 521, 522, 523, 529])('a call that ended with %i did not run upstream', (status) => {
    expect(classify({ status, body: '' })).toEqual({ kind: 'upstream-error', fault: 'overload', status })
  })
})

describe('a success', () => {
  it.each([
    ['an answer of a model', '{"choices":[{"message":{"content":"{\\"code\\":50505}"}}]}'],
    ['an envelope', '{"code":20000,"message":"Ok","status":true,"data":{"id":"file-x"}}'],
    ['nothing', ''],
    ['a body that only looks like an error', '{"code":200,"message":"fine"}'],
  ])('%s with status 200 is a success', (_name, body) => {
    expect(classify({ status: 200, body })).toEqual({ kind: 'success', status: 200 })
  })

  it('a redirect is no success: it shows nothing about the key, and another key would get the same', () => {
    expect(classify({ status: 302, body: '' })).toMatchObject({ kind: 'rejected', fault: 'caller' })
    expect(classify({ status: 304, body: '' })).toEqual({ kind: 'success', status: 304 })
  })
})

it('a code that comes as digits in a string is read as a number', () => {
  expect(classify({ status: 403, body: '{"code":"30001","message":"…"}' })).toMatchObject({
    fault: 'funds',
    code: 30001,
  })
})
