import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { readErrorBody, readMeter, readRetryAfterMs, withErrorObject } from './error-body.js'

describe('an error body', () => {
  it.each([
    ['SiliconFlow’s', '{"code":30014,"data":null,"message":"Token is invalid."}', 30014, 'Token is invalid.'],
    ['one without a code', '{"message":"RPM limit","data":null}', undefined, 'RPM limit'],
    ['OpenAI’s', '{"error":{"message":"no","type":"x","code":"invalid_api_key"}}', 'invalid_api_key', 'no'],
    ['an error with a numeric code', '{"error":{"code":20015,"message":"bad"}}', 20015, 'bad'],
    ['an error that is a string', '{"error":"broken"}', undefined, 'broken'],
    ['a list of errors', '[{"error":{"code":429,"message":"quota"}}]', 429, 'quota'],
    ['FastAPI’s', '{"detail":"Not Found"}', undefined, 'Not Found'],
    ['a code of digits', '{"code":"50505","message":"busy"}', 50505, 'busy'],
    ['a code that is a name', '{"code":"busy","message":"busy"}', 'busy', 'busy'],
    ['a bare JSON string', '"Invalid token"', undefined, 'Invalid token'],
    ['plain text', ' 404 page not found\n', undefined, '404 page not found'],
    ['HTML', '\n<html><h1>502 Bad Gateway</h1></html>', undefined, undefined],
    ['nothing', '', undefined, undefined],
    ['JSON that is cut', '{"code":30001,"mess', undefined, '{"code":30001,"mess'],
    ['JSON of the wrong types', '{"code":{},"message":[1],"error":5}', undefined, undefined],
  ])('is read when it is %s', (_name, body, code, message) => {
    const read = readErrorBody(body)
    expect([read.code, read.message]).toEqual([code, message])
  })

  it('is read without complaint whatever it holds', () => {
    assertProperty(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(() => [readErrorBody(body), withErrorObject(body, 400)]).not.toThrow()
      }),
    )
  })

  it('is quoted shortened', () => {
    const { message = '' } = readErrorBody(JSON.stringify({ message: 'long '.repeat(1_000) }))
    expect(message).toHaveLength(301)
    expect(message.endsWith('…')).toBe(true)
  })

  it('is quoted with masks in the place of keys, even where one is cut off by the end', () => {
    const token = `sk-fake${'canary'.repeat(8)}`
    const { message } = readErrorBody(`Incorrect key ${token}, see "${token}"`)
    expect(message).toBe('Incorrect key sk-fa…nary, see "sk-fa…nary"')
    expect(readErrorBody(`${'.'.repeat(270)}${token}`).message).not.toContain('canary')
  })
})

describe('the meter of a message', () => {
  it.each([
    ['Details: TPM limit reached.', 'TPM'],
    ['Details:RPM limit reached.', 'RPM'],
    ['IPD', 'IPD'],
    ['reached the TPMX limit', undefined],
    ['too many requests', undefined],
    [undefined, undefined],
  ])('%s', (message, meter) => {
    expect(readMeter(message)).toBe(meter)
  })
})

describe('Retry-After', () => {
  const read = (...headers: string[]) => readRetryAfterMs(headers)
  const date = (text: string) => ['date', text]

  it.each([
    ['12', 12_000],
    ['0', 0],
    ['1.5', 1_500],
    [' 30 ', 30_000],
    ['999999999999999', 999_999_999_999_999_000],
  ])('of "%s" is seconds', (value, lengthMs) => {
    expect(read('retry-after', value)).toBe(lengthMs)
  })

  it('of a date is measured by the answer’s own date, so that our clock does not matter', () => {
    const sent = date('Tue, 01 Sep 2026 23:59:50 GMT')
    expect(read(...sent, 'retry-after', 'Wed, 02 Sep 2026 00:00:20 GMT')).toBe(30_000)
    expect(read(...sent, 'retry-after', 'Mon, 31 Aug 2026 00:00:00 GMT')).toBe(0)
    expect(read('retry-after', 'Wed, 02 Sep 2026 00:00:20 GMT')).toBeUndefined()
  })

  it('knows leap years', () => {
    const sent = date('Mon, 28 Feb 2028 23:59:59 GMT')
    expect(read(...sent, 'retry-after', 'Wed, 01 Mar 2028 00:00:00 GMT')).toBe(86_401_000)
  })

  it('may come in milliseconds, which are preferred', () => {
    expect(read('retry-after', '2', 'retry-after-ms', '1500.4')).toBe(1_500)
    expect(read('retry-after', '2', 'retry-after-ms', 'soon')).toBe(2_000)
  })

  it.each(['', '-5', 'soon', '1e3', '0x10', 'Wed, 99 Foo 2026 00:00:00 GMT', '9'.repeat(400)])(
    'of "%s" is no length',
    (value) => {
      expect(read(...date('Tue, 01 Sep 2026 00:00:00 GMT'), 'retry-after', value)).toBeUndefined()
    },
  )

  it('is unknown without the header', () => {
    expect(read('content-type', 'text/plain')).toBeUndefined()
  })
})

describe('the error object for OpenAI’s SDKs', () => {
  const changed = (body: string, status: number) => {
    const text = withErrorObject(body, status)
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  }

  it('stands beside what the upstream sent', () => {
    expect(changed('{"code":30001,"message":"no money","data":null}', 402)).toEqual({
      code: 30001,
      message: 'no money',
      data: null,
      error: { message: 'no money', type: 'insufficient_quota', code: 30001, param: null },
    })
  })

  it('wraps a bare string', () => {
    expect(changed('"Invalid token"', 401)).toEqual({
      code: null,
      message: 'Invalid token',
      data: null,
      error: { message: 'Invalid token', type: 'authentication_error', code: null, param: null },
    })
  })

  it('names the status when the upstream had no words', () => {
    expect(changed('{}', 500)).toMatchObject({ error: { message: 'HTTP 500', type: 'server_error' } })
  })

  it('takes the place of an error that is null', () => {
    expect(changed('{"error":null,"message":"odd"}', 400)).toMatchObject({ error: { message: 'odd' } })
  })

  it.each([
    ['has one', '{"error":{"message":"x"}}'],
    ['has one that is a string', '{"error":"x"}'],
    ['is no JSON', '404 page not found'],
    ['is HTML', '<html></html>'],
    ['is empty', ''],
    ['is a list', '[]'],
  ])('is not added to a body that %s', (_name, body) => {
    expect(changed(body, 400)).toBeUndefined()
  })
})
