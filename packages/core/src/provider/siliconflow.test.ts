import { type ErrorClass, type ErrorName, type ErrorSample, errorSamples } from '@sfpool/simulator'
import { describe, expect, it } from 'vitest'
import type { Fault, Outcome, OutcomeKind } from '../outcome/outcome.js'
import { siliconflow } from './siliconflow.js'

const provider = siliconflow()
const classify = ({ status, body }: Pick<ErrorSample, 'status' | 'body'>, headers: string[] = []): Outcome =>
  provider.classify({ status, headers, body })

const samples = Object.entries(errorSamples) as [ErrorName, ErrorSample][]
const ofClass = (keyRequest: ErrorClass): [ErrorName, ErrorSample][] =>
  samples.filter(([name, sample]) => sample.class === keyRequest && !(name in exceptions))

/** What every error of a class means to the pool. */
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

/** Samples that are judged otherwise than their class, with the reason. */
const exceptions: Partial<Record<ErrorName, { fault: Fault; why: string }>> = {
  'client-closed': {
    fault: 'overload',
    why: 'we did not close the connection that brought this answer, so something on the way did',
  },
}

describe.each(Object.keys(meanings) as ErrorClass[])('an error of class %s', (errorClass) => {
  it.each(ofClass(errorClass))('%s', (_name, sample) => {
    const { kind, fault, status, code } = classify(sample)
    expect(meanings[errorClass].kinds).toContain(kind)
    expect(meanings[errorClass].faults).toContain(fault)
    expect(status).toBe(sample.status)
    expect(code).toBe(sample.code)
  })
})

it.each(Object.entries(exceptions))('%s is judged otherwise than its class', (name, { fault }) => {
  expect(classify(errorSamples[name as ErrorName]).fault).toBe(fault)
})

describe('a 401 or 403', () => {
  it.each<[ErrorName, Fault]>([
    ['token-missing-classic', 'key'],
    ['token-invalid-classic', 'key'],
    ['token-invalid', 'key'],
    ['user-disabled', 'disabled'],
    ['user-not-found', 'disabled'],
    ['user-expired', 'disabled'],
  ])('%s concerns the %s', (name, fault) => {
    expect(classify(errorSamples[name]).fault).toBe(fault)
  })

  it('is a firewall’s and no key’s fault when it is a web page', () => {
    const page = { status: 403, body: '<!DOCTYPE html><title>Access denied</title>' }
    expect(classify(page)).toEqual({ kind: 'upstream-error', fault: 'ip-block', status: 403 })
  })
})

describe('a limit', () => {
  const limits = samples.filter(([name]) => name.startsWith('rate-limit-'))

  it.each(limits)('%s names its meter, with a code or without', (name, sample) => {
    expect(classify(sample).meter).toBe(/rate-limit-(...)/.exec(name)?.[1]?.toUpperCase())
  })

  it('holds for the whole account and the day when the user is not verified', () => {
    expect(classify(errorSamples['unverified-daily-limit'])).toMatchObject({
      fault: 'limit',
      meter: 'RPD',
      accountWide: true,
    })
  })

  it('carries how long the upstream asks us to wait', () => {
    expect(classify(errorSamples['rate-limit-rpm'], ['retry-after', '12']).retryAfterMs).toBe(12_000)
  })

  it('is overload when the words say "busy", whatever the code', () => {
    const busy = (body: unknown) => classify({ status: 429, body: JSON.stringify(body) }).fault
    expect(busy({ message: 'System is really busy, please try again later' })).toBe('overload')
    expect(busy({ code: 20015, message: '系统繁忙' })).toBe('overload')
    expect(busy({ code: 50505, message: 'Model service overloaded.' })).toBe('overload')
  })
})

describe('an error that may have run upstream', () => {
  const ran = samples.filter(([, sample]) => classify(sample).maybeRan === true).map(([name]) => name)

  it('is one that broke off at work, never one that was turned away', () => {
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

  it.each([500, 502, 504, 520, 524, 599])('is any %i, known or not', (status) => {
    expect(classify({ status, body: '' }).maybeRan).toBe(true)
  })

  it.each([501, 503, 521, 522, 523, 529])('is no %i', (status) => {
    expect(classify({ status, body: '' })).toEqual({ kind: 'upstream-error', fault: 'overload', status })
  })
})

describe('a success', () => {
  it.each([
    ['an answer of a model', '{"choices":[{"message":{"content":"{\\"code\\":50505}"}}]}'],
    ['an envelope', '{"code":20000,"message":"Ok","status":true,"data":{"id":"file-x"}}'],
    ['nothing', ''],
    ['what looks like an error and is none', '{"code":200,"message":"fine"}'],
  ])('is %s under 200', (_name, body) => {
    expect(classify({ status: 200, body })).toEqual({ kind: 'success', status: 200 })
  })

  it('is no redirect: it tells nothing of the key, and another key would be sent the same way', () => {
    expect(classify({ status: 302, body: '' })).toMatchObject({ kind: 'rejected', fault: 'caller' })
    expect(classify({ status: 304, body: '' })).toEqual({ kind: 'success', status: 304 })
  })
})

it('reads codes that come as digits in a string', () => {
  expect(classify({ status: 403, body: '{"code":"30001","message":"…"}' })).toMatchObject({
    fault: 'funds',
    code: 30001,
  })
})

describe('the balance', () => {
  const answer = (data: unknown) => JSON.stringify({ code: 20000, message: 'OK', status: true, data })
  const read = (body: string, site = 'cn') => provider.balance?.read([body], site)

  it('is the total, not the gift part, in the money of the site', () => {
    const body = answer({ balance: '0.88', chargeBalance: '88.00', totalBalance: '88.88' })
    expect(read(body)).toEqual({ amount: '88.88', currency: 'CNY', charged: '88.00', gift: '0.88' })
    expect(read(body, 'com')).toMatchObject({ amount: '88.88', currency: 'USD' })
  })

  it('may be negative', () => {
    expect(read(answer({ totalBalance: '-0.01' }))?.amount).toBe('-0.01')
  })

  it.each([
    ['no JSON', '<html></html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['no data', '{"code":20092,"message":"gone","data":null}'],
    ['no total', answer({ balance: '1' })],
    ['words', answer({ totalBalance: 'plenty' })],
    ['not a decimal', answer({ totalBalance: '1e5' })],
  ])('is not read from %s', (_name, body) => {
    expect(read(body)).toBeUndefined()
  })
})

describe('the addresses', () => {
  it('are the two sites of the vendor', () => {
    expect(siliconflow({ site: 'com' })).toMatchObject({
      site: 'com',
      sites: { cn: 'https://api.siliconflow.cn/v1', com: 'https://api.siliconflow.com/v1' },
    })
  })

  it('give way to another one on the pool’s own site only, with or without /v1', () => {
    const { sites } = siliconflow({ site: 'com', baseURL: 'http://127.0.0.1:1234/' })
    expect(sites).toEqual({ cn: 'https://api.siliconflow.cn/v1', com: 'http://127.0.0.1:1234/v1' })
  })
})
