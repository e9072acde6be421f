import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { peekModel } from './peek-model.js'

const inJson = (text: string): string | null => peekModel(Buffer.from(text), 'application/json')

describe('peekModel, in a JSON body,', () => {
  it.each([
    ['that is first', '{"model":"Qwen/Qwen3-8B","messages":[]}', 'Qwen/Qwen3-8B'],
    ['that is last', '{"messages":[{"role":"user","content":"hi"}],"model":"m"}', 'm'],
    ['that is alone', '{"model":"m"}', 'm'],
    ['after a nested object', '{"a":{"b":{"c":[1,{"d":2}]}},"model":"m"}', 'm'],
    ['after numbers and literals', '{"a":-1.5e3,"b":true,"c":null,"model":"m"}', 'm'],
    ['between white space of every kind', ' \n{\t"model"\r\n :\t "m" , "a" : 1 }', 'm'],
    ['after a byte order mark', '\uFEFF{"model":"m"}', 'm'],
    ['with escapes in its value', '{"model":"a\\/b\\u002d\\"c\\\\"}', 'a/b-"c\\'],
    ['with characters outside ASCII', '{"提示":"你好","model":"模型-🚀"}', '模型-🚀'],
    ['with an escape in its name', '{"\\u006dode\\u006C":"m"}', 'm'],
    ['that is empty', '{"model":""}', ''],
  ])('finds a model %s', (_where, body, model) => {
    expect(inJson(body)).toBe(model)
  })

  it.each([
    ['in a nested object', '{"metadata":{"model":"nested"}}'],
    ['in a list', '{"messages":[{"model":"nested"}]}'],
    ['in an object of a list', '[{"model":"nested"}]'],
    ['as an item of a list', '["model","m"]'],
    ['as a value', '{"name":"model","other":"m"}'],
    ['inside a string', '{"content":"{\\"model\\":\\"quoted\\"}"}'],
    ['inside a string that ends in backslashes', '{"content":"\\\\\\\\","x":"\\"model\\":\\"quoted\\""}'],
    ['in another case', '{"Model":"m"}'],
    ['as part of a longer name', '{"submodel":"m","models":"m","model ":"m"}'],
    ['as an escaped longer name', '{"\\u006dodels":"m"}'],
  ])('ignores the name "model" %s', (_where, body) => {
    expect(inJson(body)).toBeNull()
  })

  it.each([
    ['a number', '{"model":1}'],
    ['null', '{"model":null}'],
    ['a list', '{"model":["m"]}'],
    ['an object', '{"model":{"model":"m"}}'],
    ['a text longer than any name', `{"model":"${'m'.repeat(300)}"}`],
  ])('finds no model when the value is %s', (_kind, body) => {
    expect(inJson(body)).toBeNull()
  })

  it('finds the first of two models', () => {
    expect(inJson('{"model":"first","model":"second"}')).toBe('first')
  })

  it('finds no model that is cut off', () => {
    const whole = '{"messages":["\\u0041\\\\"],"model":"Qwen/Qwen3-8B"}'
    for (let length = 0; length < whole.length - 1; length++)
      expect(inJson(whole.slice(0, length))).toBeNull()
    expect(inJson(whole.slice(0, -1))).toBe('Qwen/Qwen3-8B')
  })

  it.each(['', ' ', 'null', '"model"', '42', '}{"model"', '[[[', '{"model"', '{"model":', '\\"model\\"'])(
    'finds no model in %j',
    (body) => {
      expect(inJson(body)).toBeNull()
    },
  )

  it('agrees with JSON.parse about every object', () => {
    const name = fc.oneof(fc.constantFrom('model', 'mode', 'models', 'm\\odel', '"model"'), fc.string())
    const model = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.jsonValue())
    const value = fc.oneof(fc.jsonValue(), fc.record({ model: fc.string() }), fc.constant('"model":"x"'))
    const object = fc.tuple(fc.dictionary(name, value), fc.option(model), fc.dictionary(name, value))
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, '\t'), ([before, own, after], space) => {
        const whole: Record<string, unknown> = {
          ...before,
          ...(own === null ? {} : { model: own }),
          ...after,
        }
        const expected = Object.hasOwn(whole, 'model') && typeof whole.model === 'string' ? whole.model : null
        fc.pre(expected === null || expected.length < 40)
        expect(inJson(JSON.stringify(whole, null, space))).toBe(expected)
      }),
      { seed: 20_260_101, numRuns: 2_000 },
    )
  })

  it('does not throw for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const found = peekModel(Buffer.concat([Buffer.from('{"a":'), bytes]), 'application/json')
        expect(found === null || typeof found === 'string').toBe(true)
      }),
      { seed: 20_260_102, numRuns: 2_000 },
    )
  })
})

describe('peekModel, in a huge JSON body,', () => {
  const image = 'iVBORw0KGgo/'.repeat(1_700_000)

  it('finds a model before an image without reading the image', () => {
    const body = Buffer.from(`{"model":"m","image":"${image}`)
    expect(peekModel(body, 'application/json')).toBe('m')
  })

  it('finds a model behind an image', () => {
    const body = Buffer.from(`{"messages":[{"image":"${image}"}],"model":"m"}`)
    expect(peekModel(body, 'application/json')).toBe('m')
  })

  it('finds no model behind an image that never ends', () => {
    expect(peekModel(Buffer.from(`{"image":"${image}`), 'application/json')).toBeNull()
  })

  it('finds a model behind millions of escapes', () => {
    const body = Buffer.from(
      `{"a":"${'\\"'.repeat(2_000_000)}","b":"${'\\\\'.repeat(2_000_000)}","model":"m"}`,
    )
    expect(peekModel(body, 'application/json')).toBe('m')
  })
})

describe('peekModel, in a form,', () => {
  const form = (parts: readonly string[], boundary = 'x1'): Buffer =>
    Buffer.from(`${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`)
  const file =
    'Content-Disposition: form-data; name="file"; filename="model"\r\nContent-Type: audio/wav\r\n\r\nRIFF'
  const model = 'Content-Disposition: form-data; name="model"\r\n\r\nFunAudioLLM/SenseVoiceSmall'
  const name = 'FunAudioLLM/SenseVoiceSmall'

  it.each([
    ['before the file', [model, file]],
    ['behind the file', [file, model]],
    ['with an unquoted name', [file, model.replace('"model"', 'model')]],
    ['with a header before it', [model.replace('Content-D', 'Content-Type: text/plain\r\nContent-D')]],
    ['with a header after it', [model.replace('\r\n\r\n', '\r\nContent-Type: text/plain\r\n\r\n')]],
    ['with lower-case header names', [model.replace('Content-Disposition', 'content-disposition')]],
    ['with white space around it', [`${model} \r\n`]],
  ])('finds the field "model" %s', (_where, parts) => {
    expect(peekModel(form(parts), 'multipart/form-data; boundary=x1')).toBe(name)
  })

  it.each([
    ['quoted', 'multipart/form-data; boundary="x 1"', 'x 1'],
    ['behind a charset', 'multipart/form-data; charset=utf-8; boundary=x1', 'x1'],
    ['before a charset', 'multipart/form-data;boundary=x1;charset=utf-8', 'x1'],
    ['in capitals', 'Multipart/Form-Data; Boundary=x1', 'x1'],
    ['of dashes', 'multipart/form-data; boundary=----WebKitFormBoundary7MA4', '----WebKitFormBoundary7MA4'],
  ])('finds the model by a boundary that is %s', (_how, contentType, boundary) => {
    expect(peekModel(form([file, model], boundary), contentType)).toBe(name)
  })

  it.each([
    ['a file of that name', [file]],
    ['another field whose name ends in "model"', [model.replace('"model"', '"submodel"')]],
    ['another header with that name', [`${file.replace('audio/wav', 'audio/wav; name="model"')}`]],
    ['the word in the content of a file', [`${file}; name="model"\r\n\r\nx`]],
    ['an empty field', [model.replace(name, '')]],
    ['a field longer than any name', [model.replace(name, 'm'.repeat(300))]],
  ])('ignores %s', (_what, parts) => {
    expect(peekModel(form(parts), 'multipart/form-data; boundary=x1')).toBeNull()
  })

  it('finds no model that is cut off, as in the head of a long upload', () => {
    const whole = form([file, model])
    const end = whole.indexOf(name) + name.length
    for (let length = 0; length < end + 2; length++)
      expect(peekModel(whole.subarray(0, length), 'multipart/form-data; boundary=x1')).toBeNull()
  })

  it('finds the model behind a file of 20 MB', () => {
    const large = form([file + '\0'.repeat(20_000_000), model])
    expect(peekModel(large, 'multipart/form-data; boundary=x1')).toBe(name)
  })

  it('finds no model without a boundary', () => {
    expect(peekModel(form([model]), 'multipart/form-data')).toBeNull()
  })
})
