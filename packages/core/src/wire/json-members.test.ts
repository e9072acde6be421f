import { expect, it } from 'vitest'
import { JsonMembers, startOfObject } from './json-members.js'

/** The members as text, and where the object ends. */
function walked(text: string): { members: [name: string, value: string][]; end: number } {
  const body = Buffer.from(text)
  const walk = new JsonMembers(body, startOfObject(body))
  const members: [string, string][] = []
  while (walk.next())
    members.push([
      walk.name,
      walk.valueEnd === -1 ? '' : body.toString('utf8', walk.valueStart, walk.valueEnd),
    ])
  return { members, end: walk.end }
}

it('JsonMembers walks the members in their order, repeated and escaped names included', () => {
  const text = ' {"a":[1,{"b":"]"}], "\\u0061" : "x\\"" ,"模型":NaN,"a":{}} '
  expect(walked(text)).toEqual({
    members: [
      ['a', '[1,{"b":"]"}]'],
      ['a', '"x\\""'],
      ['模型', 'NaN'],
      ['a', '{}'],
    ],
    end: Buffer.byteLength(text) - 1,
  })
})

it.each<[string, string[]]>([
  ['{"a":1,"b":"x', ['a', 'b']],
  ['{"a":1,"b":}', ['a', 'b']],
  ['{"a":1 "b":2}', ['a']],
  ['{"a":1,,"b":2}', ['a']],
  ['{"a":1,"b"', ['a']],
  ['[{"a":1}]', []],
])('JsonMembers walks %s up to its fault, and finds no end', (text, names) => {
  const { members, end } = walked(text)
  expect(members.map(([name]) => name)).toEqual(names)
  expect(end).toBe(-1)
})

it('isNamed knows a member by its name, in plain bytes or in escapes', () => {
  const body = Buffer.from('{"stream":1,"\\u0073tream":2,"streams":3,"str\\"am":4}')
  const walk = new JsonMembers(body, 0)
  const found: boolean[] = []
  while (walk.next()) found.push(walk.isNamed('stream'))
  expect(found).toEqual([true, true, false, false])
})
