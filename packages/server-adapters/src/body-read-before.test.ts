import { ConfigError } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { bodyReadBefore, type ParsedRequest } from './body-read-before.js'

const sent = (type: string | undefined, body: unknown, rawBody?: unknown): string => {
  const bytes = bodyReadBefore({
    headers: { 'content-type': type },
    body,
    rawBody,
  } as unknown as ParsedRequest)
  if (bytes instanceof Error) throw bytes
  return Buffer.from(bytes).toString('latin1')
}
const utf8 = (text: string): string => Buffer.from(text).toString('latin1')

describe('a body that a parser read', () => {
  it.each([
    [
      'application/json',
      { a: 1, b: ['ö', null], c: { d: true } },
      utf8('{"a":1,"b":["ö",null],"c":{"d":true}}'),
    ],
    ['application/vnd.api+json; charset=utf-8', { a: 1 }, '{"a":1}'],
    ['application/json', [], '[]'],
    ['application/json', null, 'null'],
    ['application/json', 'a string', '"a string"'],
    ['application/json', '{"a": 1}', '{"a": 1}'],
    ['application/x-www-form-urlencoded', { a: '1', b: ['2', '3'] }, 'a=1&b=2&b=3'],
    ['application/x-www-form-urlencoded', { a: { b: 'c', d: ['e'] } }, 'a%5Bb%5D=c&a%5Bd%5D=e'],
    ['application/x-www-form-urlencoded', 'a=1&b=%20', 'a=1&b=%20'],
    ['text/plain', 'plain ö', utf8('plain ö')],
    ['text/plain; charset=iso-8859-1', 'plain ö', 'plain \u00f6'],
    ['application/json; charset=utf-16le', { a: 1 }, Buffer.from('{"a":1}', 'utf16le').toString('latin1')],
    ['application/octet-stream', Buffer.from([0, 255]), '\u0000\u00ff'],
    [undefined, Buffer.from('bare'), 'bare'],
  ])('a body of type %s that a parser read is restored from %o', (type, body, expected) => {
    expect(sent(type, body)).toBe(expected)
  })

  it('a body that a parser read is taken from the original bytes where the app kept them', () => {
    expect(sent('application/json', { a: 1 }, Buffer.from('{ "a" : 1.0 }'))).toBe('{ "a" : 1.0 }')
    const form = 'multipart/form-data; boundary=x'
    expect(sent(form, {}, Buffer.from('--x--'))).toBe('--x--')
  })

  it('a form with files, or a body that the app did not keep, cannot be restored', () => {
    expect(() => sent('multipart/form-data; boundary=x', { model: 'a' })).toThrow(ConfigError)
    expect(() => sent('application/json', undefined)).toThrow(/before body parsers/)
  })
})
