import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { LazyHeap } from './lazy-heap.js'

interface Item {
  readonly value: number
  isRemoved: boolean
}

function setUp() {
  let looks = 0
  const heap = new LazyHeap<Item>(
    (one, other) => one.value < other.value,
    ({ isRemoved }) => {
      looks++
      return isRemoved
    },
  )
  const push = (value: number): Item => {
    const item = { value, isRemoved: false }
    heap.push(item)
    return item
  }
  const remove = (item: Item): void => {
    item.isRemoved = true
    heap.markRemoved()
  }
  return { heap, push, remove, looks: () => looks }
}

it('LazyHeap returns the items that are not removed, the smallest first', () => {
  const step = fc.record({ kind: fc.constantFrom('push', 'push', 'remove', 'pop'), value: fc.nat(1000) })
  assertProperty(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const { heap, push, remove } = setUp()
      let live: Item[] = []
      for (const { kind, value } of steps) {
        const chosen = live[value % Math.max(live.length, 1)]
        if (kind === 'push') live.push(push(value))
        else if (kind === 'remove' && chosen !== undefined) {
          remove(chosen)
          live = live.filter((item) => item !== chosen)
        } else if (kind === 'pop') {
          const popped = heap.pop()
          expect(popped?.value).toBe(live.length === 0 ? undefined : smallest(live))
          live = live.filter((item) => item !== popped)
        }
        expect(heap.peek()?.value).toBe(live.length === 0 ? undefined : smallest(live))
      }
    }),
  )
})

it('LazyHeap sweeps out removed items that never reach the top', () => {
  const { heap, push, remove, looks } = setUp()
  push(-1)
  for (let value = 0; value < 100_000; value++) remove(push(value))
  const before = looks()
  expect(before).toBeLessThan(500_000)
  heap.pop()
  expect(heap.peek()).toBeUndefined()
  expect(looks() - before).toBeLessThan(100)
})

const smallest = (items: readonly Item[]): number => Math.min(...items.map(({ value }) => value))
