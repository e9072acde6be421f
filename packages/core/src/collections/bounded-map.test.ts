import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { type AgedEntry, BoundedMap } from './bounded-map.js'

interface Item extends AgedEntry<Item> {
  readonly name: string
  isUsed: boolean
}

const item = (name: string): Item => ({ name, isUsed: false, older: undefined, newer: undefined })
const keyOf = ({ name }: Item): string => name

function filled(names: string, limit = 3, isSpared?: (item: Item) => boolean): BoundedMap<string, Item> {
  const map = new BoundedMap<string, Item>({ limit, keyOf, ...(isSpared === undefined ? {} : { isSpared }) })
  for (const name of names) map.add(item(name))
  return map
}

/** The names from the oldest to the newest, read in both directions. */
function namesOf(map: BoundedMap<string, Item>): string {
  let names = ''
  let last: Item | undefined
  for (let each = map.oldest; each !== undefined; each = each.newer) {
    expect(each.older).toBe(last)
    names += each.name
    last = each
  }
  return names
}

const found = (map: BoundedMap<string, Item>, name: string): Item => map.get(name) as Item

it('a bounded map forgets the oldest entry when a new one exceeds its limit', () => {
  const map = filled('abcd')
  expect(namesOf(map)).toBe('bcd')
  expect(map.get('a')).toBeUndefined()
  expect(found(map, 'd').name).toBe('d')
  expect(map.size).toBe(3)
})

it('a bounded map keeps a renewed entry longer than those that were added after it', () => {
  const map = filled('abc')
  map.renew(found(map, 'a'))
  map.renew(found(map, 'a'))
  map.add(item('d'))
  expect(namesOf(map)).toBe('cad')
})

it('a bounded map replaces an entry of the same key, as the newest, and forgets no other', () => {
  const map = filled('abc')
  const again = item('a')
  map.add(again)
  expect(namesOf(map)).toBe('bca')
  expect(map.get('a')).toBe(again)
})

it('a bounded map has room again after a deletion', () => {
  const map = filled('abc')
  map.delete(found(map, 'b'))
  map.add(item('d'))
  expect(namesOf(map)).toBe('acd')
  for (const name of 'acd') map.delete(found(map, name))
  expect(map.oldest).toBeUndefined()
  expect(map.size).toBe(0)
})

it('a bounded map passes over spared entries, which become the newest', () => {
  const map = filled('abc', 3, ({ isUsed }) => isUsed)
  found(map, 'a').isUsed = true
  map.add(item('d'))
  expect(namesOf(map)).toBe('cad')
})

it('a bounded map forgets the oldest entry when all are spared, and asks each of them once', () => {
  const asked: string[] = []
  const map = filled('abc', 3, ({ name }) => asked.push(name) > 0)
  map.add(item('d'))
  expect(namesOf(map)).toBe('bcd')
  expect(asked.join('')).toBe('abc')
})

it('a bounded map holds what a list of the same limit would hold, in the same order', () => {
  const step = fc.record({
    do: fc.constantFrom('add', 'add', 'renew', 'delete'),
    name: fc.constantFrom(...'abcdef'),
  })
  assertProperty(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
      const map = filled('', limit)
      let list: string[] = []
      for (const { do: kind, name } of steps) {
        const known = map.get(name)
        expect(known !== undefined).toBe(list.includes(name))
        if (kind !== 'add' && known === undefined) continue
        list = list.filter((each) => each !== name)
        if (kind === 'add') map.add(item(name))
        if (kind === 'renew') map.renew(known as Item)
        if (kind === 'delete') map.delete(known as Item)
        else list = [...list, name].slice(-limit)
        expect(namesOf(map)).toBe(list.join(''))
        expect(new Set(Array.from(map.values(), keyOf))).toEqual(new Set(list))
        expect(map.size).toBe(list.length)
      }
    }),
  )
})
