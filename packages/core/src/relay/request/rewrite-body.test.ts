import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { type BodyChanges, rewriteBody } from './rewrite-body.js'

const rewritten = (text: string, changes: BodyChanges): string | undefined =>
  rewriteBody(Buffer.from(text), 'application/json', changes)?.toString()

describe('rewriteBody, for the model of a JSON body,', () => {
  it.each([
    ['when it is alone', '{"model":"a"}', '{"model":"b"}'],
    [
      'between white space of every kind',
      ' {\t"model" :\r\n"a" , "x":1 }\n',
      ' {\t"model" :\r\n"b" , "x":1 }\n',
    ],
    ['at each of its places', '{"model":"a","x":1,"model":null}', '{"model":"b","x":1,"model":"b"}'],
    ['over a value of another type', '{"model":{"a":["}"]},"x":[1]}', '{"model":"b","x":[1]}'],
    ['with escapes in its name', '{"\\u006dode\\u006C":"a"}', '{"\\u006dode\\u006C":"b"}'],
    ['behind a byte order mark', '\uFEFF{"model":"a"}', '\uFEFF{"model":"b"}'],
    [
      'behind a big integer',
      '{"seed":12345678901234567890,"model":"a"}',
      '{"seed":12345678901234567890,"model":"b"}',
    ],
    ['in front when it is absent', '{"x":1}', '{"model":"b","x":1}'],
    ['in an empty object', ' { } ', ' {"model":"b" } '],
    [
      'at the top level only',
      '{"a":{"model":"a"},"b":[{"model":"a"}],"c":"{\\"model\\":\\"a\\"}"}',
      '{"model":"b","a":{"model":"a"},"b":[{"model":"a"}],"c":"{\\"model\\":\\"a\\"}"}',
    ],
    ['behind strings with braces', '{"x":"}{\\"]\\\\","model":"a"}', '{"x":"}{\\"]\\\\","model":"b"}'],
  ])('sets it %s', (_what, body, expected) => {
    expect(rewritten(body, { model: 'b' })).toBe(expected)
  })

  it('writes any name as JSON', () => {
    const model = 'a"b\\c\n模型'
    expect(JSON.parse(rewritten('{"model":"x"}', { model }) ?? '')).toEqual({ model })
  })

  it('sets it in a body with an image without reading the image', () => {
    const image = `data:image/png;base64,${'QUFB'.repeat(5_000_000)}`
    const body = Buffer.from(`{"messages":[{"content":"${image}"}],"model":"a"}`)
    const result = rewriteBody(body, undefined, { model: 'bb' })
    expect(result?.length).toBe(body.length + 1)
    expect(result?.subarray(-14).toString()).toBe(',"model":"bb"}')
    expect(result?.subarray(0, -14).equals(body.subarray(0, -13))).toBe(true)
  })
})

describe('rewriteBody, for the member "stream",', () => {
  it.each<[string, string, BodyChanges, string]>([
    ['sets it', '{"stream":false,"n":1}', { stream: true }, '{"stream":true,"n":1}'],
    ['adds it', '{"n":1}', { stream: true }, '{"stream":true,"n":1}'],
    ['unsets it', '{"n":1,"stream":true}', { stream: false }, '{"n":1,"stream":false}'],
    [
      'removes stream_options in front',
      '{ "stream_options":{"include_usage":true}, "stream":true }',
      { stream: false },
      '{ "stream":false }',
    ],
    [
      'removes stream_options in the middle',
      '{"stream":true, "stream_options":{}, "n":1}',
      { stream: false },
      '{"stream":false, "n":1}',
    ],
    [
      'removes stream_options at the end, twice',
      '{"stream":true, "stream_options":{}, "stream_options":null }',
      { stream: false },
      '{"stream":false }',
    ],
    [
      'removes stream_options that stand alone',
      '{"stream_options":{}}',
      { stream: false },
      '{"stream":false}',
    ],
    [
      'sets it with usage',
      '{"messages":[]}',
      { stream: true, includeUsage: true },
      '{"stream":true,"stream_options":{"include_usage":true},"messages":[]}',
    ],
    [
      'sets it with usage and a model',
      '{}',
      { model: 'b', stream: true, includeUsage: true },
      '{"model":"b","stream":true,"stream_options":{"include_usage":true}}',
    ],
  ])('%s', (_what, body, changes, expected) => {
    expect(rewritten(body, changes)).toBe(expected)
  })
})

describe('rewriteBody, for usage,', () => {
  it.each([
    [
      'beside other options',
      '{"include_obfuscation": false}',
      '{"include_usage":true,"include_obfuscation": false}',
    ],
    ['in place of false', '{"include_usage":false , "x":[1]}', '{"include_usage":true , "x":[1]}'],
    ['in an empty object', '{ }', '{"include_usage":true }'],
    ['in place of null', 'null', '{"include_usage":true}'],
    ['where it is set already', '{"include_usage":true}', '{"include_usage":true}'],
  ])('sets include_usage %s', (_what, given, expected) => {
    expect(rewritten(`{"a":1,"stream_options":${given}}`, { includeUsage: true })).toBe(
      `{"a":1,"stream_options":${expected}}`,
    )
  })

  it('leaves options of another type for the upstream to refuse', () => {
    for (const odd of ['7', '"x"', '[]']) {
      const body = `{"stream_options":${odd}}`
      expect(rewritten(body, { includeUsage: true })).toBe(body)
    }
  })
})

describe('rewriteBody', () => {
  it.each([
    ['an empty body', ''],
    ['a list', '[{"model":"a"}]'],
    ['a text', '"model"'],
    ['audio', 'RIFF....WAVE'],
    ['an object with more behind it', '{"model":"a"} {}'],
    ['an object without its end', '{"model":"a"'],
    ['an object that ends in a name', '{"model":"a","x'],
    ['an object that ends in a comma', '{"model":"a",'],
    ['an object with a comma too many', '{"model":"a",}'],
    ['an object with a missing comma', '{"x":1 "model":"a"}'],
    ['an object with a missing colon', '{"model" "a"}'],
    ['an object with a missing value', '{"model":}'],
    ['an object with a name without quotes', '{model:"a"}'],
    ['an object that ends within a nested list', '{"x":[1,{"a":2}'],
    ['an object that ends behind a backslash', '{"x":"\\"}'],
  ])('does not change %s', (_what, body) => {
    expect(rewritten(body, { model: 'b', stream: true })).toBeUndefined()
  })

  it('returns the same object when there are no changes', () => {
    const body = Buffer.from('{"model":"a"}')
    expect(rewriteBody(body, undefined, {})).toBe(body)
  })
})

describe('rewriteBody, for any JSON object,', () => {
  const name = fc.oneof(
    fc.constantFrom('model', 'stream', 'stream_options', 'include_usage', 'n'),
    fc.string(),
  )
  const object = fc.dictionary(name, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
  const space = fc.constantFrom(undefined, 1, '\t', ' \n')

  it('gives what parsing, changing and writing it would give', () => {
    assertProperty(
      fc.property(object, space, fc.string(), fc.boolean(), (value, indent, model, stream) => {
        const body = JSON.stringify(value, null, indent)
        const parsed: unknown = JSON.parse(body)
        const expected: Record<string, unknown> = { ...(parsed as object), model, stream }
        if (!stream) delete expected.stream_options
        expect(JSON.parse(rewritten(body, { model, stream }) ?? '')).toEqual(expected)
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps every other byte when it adds the model', () => {
    assertProperty(
      fc.property(object, (value) => {
        const { model: _model, ...others } = value
        const body = JSON.stringify(others)
        const added = rewritten(body, { model: 'b' })
        expect(added?.replace(/^\{"model":"b",?/, '{')).toBe(body)
      }),
    )
  })

  it('does not change one that is cut off anywhere', () => {
    assertProperty(
      fc.property(object, fc.nat(), (value, at) => {
        const body = Buffer.from(JSON.stringify(value))
        expect(rewriteBody(body.subarray(0, at % body.length), undefined, { model: 'b' })).toBeNull()
      }),
      { numRuns: 1_000 },
    )
  })

  it('does not throw for any other bytes', () => {
    assertProperty(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\ m1') }), (text) => {
        const result = rewritten(`{"model":${text}`, { model: 'b' })
        expect(result === undefined || result.startsWith('{')).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('rewriteBody, for a form,', () => {
  const type = 'multipart/form-data; boundary=b'
  const part = (name: string, value: string): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const inForm = (text: string, model = 'new'): string | undefined =>
    rewriteBody(Buffer.from(text, 'latin1'), type, { model })?.toString('latin1')

  it.each([
    ['in front', `${part('model', 'a')}${part('x', '1')}--b--\r\n`],
    ['at the end', `${part('x', '--b')}${part('model', 'a')}--b--`],
    ['twice', `${part('model', 'a')}${part('model', 'a')}--b--\r\n`],
    [
      'behind a file that holds its boundary',
      `${part('file', 'x--b y\r\n--bb\r\n--b\x00')}${part('model', 'a')}--b--`,
    ],
    ['behind a preamble', `preamble\r\n${part('model', 'a')}--b--\r\nepilogue`],
  ])('sets the model %s', (_what, form) => {
    expect(inForm(form)).toBe(form.replaceAll('\r\n\r\na\r\n', '\r\n\r\nnew\r\n'))
  })

  it.each(['', 'preamble\r\n', '\r\n'])('adds a missing model behind %j', (preamble) => {
    const parts = `${part('x', '1')}--b--\r\n`
    expect(inForm(`${preamble}${parts}`)).toBe(
      `${preamble}--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nnew\r\n${parts}`,
    )
  })

  it('writes a form that Response can read', async () => {
    const form = new FormData()
    form.set('file', new Blob([Uint8Array.from({ length: 1000 }, (_, index) => index % 256)]), 'a.wav')
    form.set('model', 'old')
    form.set('language', 'zh')
    const request = new Response(form)
    const contentType = request.headers.get('content-type') ?? ''
    const bytes = rewriteBody(Buffer.from(await request.arrayBuffer()), contentType, { model: '模型' })
    const read = await new Response(new Uint8Array(bytes ?? []), {
      headers: { 'content-type': contentType },
    }).formData()
    expect([read.get('model'), read.get('language')]).toEqual(['模型', 'zh'])
    expect((read.get('file') as File).size).toBe(1000)
  })

  it.each([
    ['is cut off', part('model', 'a')],
    ['has a part without an end', `${part('x', '1')}--b\r\nContent-Disposition: form-data`],
    ['has another boundary', '--c\r\n\r\n\r\n--c--'],
    ['is empty', ''],
  ])('does not change a form that %s', (_what, form) => {
    expect(inForm(form)).toBeUndefined()
  })

  it('sets no stream, and no model of two lines', () => {
    const form = `${part('model', 'a')}--b--`
    expect(rewriteBody(Buffer.from(form), type, { stream: true })).toBeNull()
    expect(inForm(form, 'a\r\nb')).toBeUndefined()
  })
})
