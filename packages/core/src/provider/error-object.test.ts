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
    expect(changed('{}', 500)).toMatchObject({
      error: { message: 'HTTP 500 Internal Server Error', type: 'server_error' },
    })
  })

  it('the error object replaces an error that is null', () => {
    expect(changed('{"error":null,"message":"odd"}', 400)).toMatchObject({ error: { message: 'odd' } })
  })

  it('an error object with a message stays as it is, to the byte', () => {
    for (const body of ['{"error":{"message":"x"}}', ' {"error": {"message":"x","code":5}, "id":1}\n'])
      expect(changed(body, 400)).toBeUndefined()
  })

  it('the error object is taken out of the list that Google puts it into', () => {
    const error = { code: 400, message: 'no', status: 'INVALID_ARGUMENT' }
    expect(changed(JSON.stringify([{ error }]), 400)).toEqual({ error })
  })

  it('an error object without a message gets one, and keeps the rest', () => {
    expect(changed('{"error":{"code":"x","type":"y"},"detail":"why"}', 400)).toEqual({
      error: { message: 'why', type: 'y', code: 'x', param: null },
      detail: 'why',
    })
  })

  it.each([
    ['an error that is a text', '{"code":"x","error":"Incorrect API key"}', 'Incorrect API key'],
    ['plain text', '404 page not found\n', '404 page not found'],
    ['a long text', 'x'.repeat(100_000), `${'x'.repeat(300)}…`],
    ['a page with a title', '<!DOCTYPE html><html><head><title>\n 404 Not Found </title>', '404 Not Found'],
    ['a page with a heading', '<html><body><h1 class="a">Bad <b>Gateway</b></h1></body>', 'Bad Gateway'],
    ['a page that says nothing', '<html></html>', 'HTTP 404 Not Found'],
    ['a page whose title never ends', `<title>${'x'.repeat(200_000)}`, 'HTTP 404 Not Found'],
    ['nothing', '', 'HTTP 404 Not Found'],
    ['blanks', ' \n', 'HTTP 404 Not Found'],
    ['null', 'null', 'null'],
    ['an empty list', '[]', 'HTTP 404 Not Found'],
    ['an empty object', '{}', 'HTTP 404 Not Found'],
    ['an empty message', '{"message":"","error":{}}', 'HTTP 404 Not Found'],
    ['a list of findings', '{"detail":[{"loc":["body"],"msg":"field required"}]}', 'field required'],
    ['a list of errors', '{"errors":[{"message":"first"},{"message":"second"}]}', 'first'],
    ['words of a problem', '{"type":"about:blank","title":"Forbidden","status":403}', 'Forbidden'],
    ['a msg', '{"code":1,"msg":"请登录"}', '请登录'],
    ['a text behind a byte order mark', '\uFEFF{"message":"marked"}', 'marked'],
  ])('%s becomes the message', (_name, body, message) => {
    expect(changed(body, 404)).toMatchObject({ error: { message, type: 'not_found_error' } })
  })
})
