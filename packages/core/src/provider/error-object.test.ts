import { describe, expect, it } from 'vitest'
import { withErrorObject } from './error-object.js'

describe('withErrorObject', () => {
  const changed = (body: string, status: number) => {
    const text = withErrorObject(body, status)
    return text === undefined ? undefined : (JSON.parse(text) as unknown)
  }

  it('the error object is added beside what the upstream sent', () => {
    expect(changed('{"code":30001,"message":"no money","data":null}', 402)).toEqual({
      code: 30001,
      message: 'no money',
      data: null,
      error: { message: 'no money', type: 'insufficient_quota', code: 30001, param: null },
    })
  })

  it('a bare JSON string is wrapped in an object with an error object', () => {
    expect(changed('"Invalid token"', 401)).toEqual({
      code: null,
      message: 'Invalid token',
      data: null,
      error: { message: 'Invalid token', type: 'authentication_error', code: null, param: null },
    })
  })

  it('the error object names the status when the upstream sent no message', () => {
    expect(changed('{}', 500)).toMatchObject({ error: { message: 'HTTP 500', type: 'server_error' } })
  })

  it('the error object replaces an error that is null', () => {
    expect(changed('{"error":null,"message":"odd"}', 400)).toMatchObject({ error: { message: 'odd' } })
  })

  it.each([
    ['has one', '{"error":{"message":"x"}}'],
    ['has one that is a string', '{"error":"x"}'],
    ['is not JSON', '404 page not found'],
    ['is HTML', '<html></html>'],
    ['is empty', ''],
    ['is a list', '[]'],
  ])('no error object is added to a body that %s', (_name, body) => {
    expect(changed(body, 400)).toBeUndefined()
  })
})
