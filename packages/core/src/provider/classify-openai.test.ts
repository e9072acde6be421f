import { describe, expect, it } from 'vitest'
import type { Outcome } from '../outcome/outcome.js'
import { openai } from './openai.js'

const provider = openai()
const classify = (status: number, body: unknown): Outcome =>
  provider.classify({ status, headers: [], body: typeof body === 'string' ? body : JSON.stringify(body) })

const error = (code: unknown, message = 'words of the upstream') => ({ error: { message, type: 'x', code } })

describe('an answer of OpenAI', () => {
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
  ])(
    'an answer of OpenAI with status %i and code %s is classified as %s of fault %s',
    (status, code, kind, fault) => {
      expect(classify(status, error(code))).toMatchObject({ kind, fault, message: 'words of the upstream' })
    },
  )

  it('an answer is classified by its status when its code is a name that every object has', () => {
    for (const code of ['constructor', 'toString', '__proto__']) {
      expect(classify(401, error(code))).toMatchObject({ kind: 'unauthorized', fault: 'key', code })
    }
  })

  it('an answer with status 200 is an error when its error object holds another status', () => {
    expect(classify(200, error(429))).toMatchObject({ kind: 'rate-limited', fault: 'limit', status: 200 })
    expect(classify(200, error(502))).toMatchObject({ kind: 'upstream-error', fault: 'overload' })
  })

  it('an answer with status 200 is a success when it only reports on something that failed', () => {
    const report = { object: 'response', status: 'failed', ...error('server_error') }
    for (const body of [report, { object: 'response', error: null }, { code: 404 }, 'no JSON']) {
      expect(classify(200, body)).toEqual({ kind: 'success', status: 200 })
    }
  })
})
