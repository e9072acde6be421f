import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { readErrorBody } from './error-body.js'
import { withErrorObject } from './error-object.js'

describe('readErrorBody', () => {
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
  ])('an error body is read when it is %s', (_name, body, code, message) => {
    const read = readErrorBody(body)
    expect([read.code, read.message]).toEqual([code, message])
  })

  it('no error body makes the readers throw, whatever it holds', () => {
    assertProperty(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        expect(() => [readErrorBody(body), withErrorObject(body, 400)]).not.toThrow()
      }),
    )
  })

  it('a long message is shortened', () => {
    const { message = '' } = readErrorBody(JSON.stringify({ message: 'long '.repeat(1_000) }))
    expect(message).toHaveLength(301)
    expect(message.endsWith('…')).toBe(true)
  })

  it('keys in a message are masked, also a key that the shortening cuts', () => {
    const token = `sk-fake${'canary'.repeat(8)}`
    const { message } = readErrorBody(`Incorrect key ${token}, see "${token}"`)
    expect(message).toBe('Incorrect key sk-fa…nary, see "sk-fa…nary"')
    expect(readErrorBody(`${'.'.repeat(270)}${token}`).message).not.toContain('canary')
  })
})
