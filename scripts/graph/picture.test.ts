import { expect, test } from 'vitest'
import { drawFloors, pictureForms } from './picture.mjs'

const graph = {
  files: ['index.ts', 'pool.ts', 'relay/attempt.ts', 'key/key.ts', 'mask.ts'],
  arrows: [],
}
const floors = [['key', 'mask', 'a-room-to-come'], ['relay'], ['pool']]

test('the text picture has a line per floor, the highest first, entry points above all', () => {
  expect(drawFloors('text', graph, floors)).toBe('4  index\n3  pool\n2  relay/\n1  key/  mask')
})

test('the Mermaid picture leads from the highest floor to the lowest', () => {
  expect(drawFloors('mermaid', graph, floors)).toBe(`flowchart TB
  floor4["4 · index"]
  floor3["3 · pool"]
  floor2["2 · relay/"]
  floor1["1 · key/ · mask"]
  floor4 --> floor3 --> floor2 --> floor1`)
})

test('every form draws something', () => {
  for (const form of pictureForms) expect(drawFloors(form, graph, floors)).toContain('relay/')
})
