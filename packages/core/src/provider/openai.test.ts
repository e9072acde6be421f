import { describe, expect, it } from 'vitest'
import type { Outcome } from '../outcome/outcome.js'
import { generic, openai } from './openai.js'

const provider = openai()
const classify = (status: number, body: unknown): Outcome =>
  provider.classify({ status, headers: [], body: typeof body === 'string' ? body : JSON.stringify(body) })

const error = (code: unknown, message = 'words of the upstream') => ({ error: { message, type: 'x', code } })

describe('an answer of OpenAI’s', () => {
  it.each([
    [429, 'rate_limit_exceeded', 'rate-limited', 'limit'],
    [429, 'insufficient_quota', 'insufficient-balance', 'funds'],
    [429, 'billing_not_active', 'insufficient-balance', 'funds'],
    [401, 'invalid_api_key', 'unauthorized', 'key'],
    [401, 'account_deactivated', 'unauthorized', 'disabled'],
    [403, 'unsupported_country_region_territory', 'upstream-error', 'ip-block'],
    [404, 'model_not_found', 'rejected', 'model'],
    [400, 'context_length_exceeded', 'rejected', 'caller'],
    [403, null, 'rejected', 'permission'],
    [500, 'server_error', 'upstream-error', 'overload'],
    [503, null, 'upstream-error', 'overload'],
  ])('%i with code %s', (status, code, kind, fault) => {
    expect(classify(status, error(code))).toMatchObject({ kind, fault, message: 'words of the upstream' })
  })

  it('is judged by its status when the code is a name every object knows', () => {
    for (const code of ['constructor', 'toString', '__proto__']) {
      expect(classify(401, error(code))).toMatchObject({ kind: 'unauthorized', fault: 'key', code })
    }
  })

  it('is an error inside a 200 when the error bears a status', () => {
    expect(classify(200, error(429))).toMatchObject({ kind: 'rate-limited', fault: 'limit', status: 200 })
    expect(classify(200, error(502))).toMatchObject({ kind: 'upstream-error', fault: 'overload' })
  })

  it('is a success when a 200 reports on something that failed', () => {
    const report = { object: 'response', status: 'failed', ...error('server_error') }
    for (const body of [report, { object: 'response', error: null }, { code: 404 }, 'no JSON']) {
      expect(classify(200, body)).toEqual({ kind: 'success', status: 200 })
    }
  })
})

describe('any compatible API', () => {
  it('has its address completed', () => {
    expect(generic('http://127.0.0.1:8000').sites).toEqual({ default: 'http://127.0.0.1:8000/v1' })
    expect(generic('http://127.0.0.1:8000/openai/').sites).toEqual({
      default: 'http://127.0.0.1:8000/openai',
    })
  })

  it('is refused without a proper address', () => {
    expect(() => generic('127.0.0.1:8000')).toThrow(/^baseURL must be an http or https URL; received/)
    expect(() => generic('https://example.test/v1?key=1')).toThrow('neither credentials, query nor fragment')
  })
})
