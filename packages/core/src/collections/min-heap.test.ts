import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { MinHeap } from './min-heap.js'

const drain = (heap: MinHeap<number>): number[] => {
  const drained: number[] = []
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) drained.push(item)
  return drained
}

const ascending = (one: number, other: number): number => one - other

describe('MinHeap', () => {
  it('gives undefined when it is empty', () => {
    const heap = new MinHeap<number>((one, other) => one < other)
    expect(heap.peek()).toBeUndefined()
    expect(heap.pop()).toBeUndefined()
  })

  it('returns all items, the smallest first', () => {
    assertProperty(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = new MinHeap<number>((one, other) => one < other)
        for (const item of items) heap.push(item)
        expect(drain(heap)).toEqual(items.toSorted(ascending))
      }),
    )
  })

  it('keeps items in order through pushes, pops and replacements', () => {
    const step = fc.record({ kind: fc.constantFrom('push', 'pop', 'replace'), item: fc.integer() })
    assertProperty(
      fc.property(fc.array(step), (steps) => {
        const heap = new MinHeap<number>((one, other) => one < other)
        let model: number[] = []
        for (const { kind, item } of steps) {
          if (kind === 'push') heap.push(item)
          if (kind === 'replace') heap.replaceTop(item)
          if (kind === 'pop') expect(heap.pop()).toBe(model[0])
          const rest = kind === 'push' ? model : model.slice(1)
          model = (kind === 'pop' ? rest : [...rest, item]).toSorted(ascending)
          expect(heap.peek()).toBe(model[0])
        }
        expect(drain(heap)).toEqual(model)
      }),
    )
  })

  it('finds the smallest matching item and keeps all items', () => {
    assertProperty(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 })),
        fc.integer({ min: 1, max: 5 }),
        (items, divisor) => {
          const heap = new MinHeap<number>((one, other) => one < other)
          for (const item of items) heap.push(item)
          const matches = (item: number): boolean => item % divisor === 0
          const sorted = items.toSorted(ascending)
          const looked: number[] = []
          const found = heap.find((item) => looked.push(item) > 0 && matches(item))
          expect(found).toBe(sorted.find(matches))
          expect(looked).toEqual(sorted.slice(0, looked.length))
          expect(drain(heap)).toEqual(sorted)
        },
      ),
    )
  })
})
