import { expect, it } from 'vitest'
import { JsonMembers, startOfObject } from './json-members.js'

/** The values of the members as text, and where the object ends. */
function walked(text: string): { values: string[]; end: number } {
  const body = Buffer.from(text)
  const walk = new JsonMembers(body, startOfObject(body))
  const values: string[] = []
  while (walk.next())
    values.push(walk.valueEnd === -1 ? '' : body.toString('utf8', walk.valueStart, walk.valueEnd))
  return { values, end: walk.end }
}

it('JsonMembers walks the members in their order, repeated and escaped names included', () => {
  const text = ' {"a":[1,{"b":"]"}], "\\u0061" : "x\\"" ,"模型":NaN,"a":{}} '
  expect(walked(text)).toEqual({
    values: ['[1,{"b":"]"}]', '"x\\""', 'NaN', '{}'],
    end: Buffer.byteLength(text) - 1,
  })
})

it.each<[string, string[]]>([
  ['{"a":1,"b":"x', ['1', '']],
  ['{"a":1,"b":}', ['1', '']],
  ['{"a":1 "b":2}', ['1']],
  ['{"a":1,,"b":2}', ['1']],
  ['{"a":1,"b"', ['1']],
  ['[{"a":1}]', []],
])('JsonMembers walks %s up to its fault, and finds no end', (text, values) => {
  expect(walked(text)).toEqual({ values, end: -1 })
})

it.each([
  ['stream', true],
  ['\\u0073tr\\u0065a\\u006D', true],
  ['\\u0073\\u0054ream', false],
  ['streams', false],
  ['strea', false],
  ['str\\"am', false],
  ['strea\\u006', false],
  ['strea\\u00gd', false],
  ['', false],
])('isNamed compares a member named "%s" with "stream" and gives %s', (name, isNamed) => {
  const walk = new JsonMembers(Buffer.from(`{"${name}":1}`), 0)
  expect(walk.next()).toBe(true)
  expect(walk.isNamed('stream')).toBe(isNamed)
})
