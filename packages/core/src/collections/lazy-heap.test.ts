import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../testing/assert-property.js'
import { LazyHeap } from './lazy-heap.js'

interface Item {
  readonly value: number
  hasLapsed: boolean
}

function setUp() {
  let looks = 0
  const heap = new LazyHeap<Item>(
    (one, other) => one.value < other.value,
    ({ hasLapsed }) => {
      looks++
      return hasLapsed
    },
  )
  const push = (value: number): Item => {
    const item = { value, hasLapsed: false }
    heap.push(item)
    return item
  }
  const lapse = (item: Item): void => {
    item.hasLapsed = true
    heap.noteLapse()
  }
  return { heap, push, lapse, looks: () => looks }
}

it('gives what has not lapsed, smallest first', () => {
  const step = fc.record({ kind: fc.constantFrom('push', 'push', 'lapse', 'pop'), value: fc.nat(1000) })
  assertProperty(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const { heap, push, lapse } = setUp()
      let live: Item[] = []
      for (const { kind, value } of steps) {
        const chosen = live[value % Math.max(live.length, 1)]
        if (kind === 'push') live.push(push(value))
        else if (kind === 'lapse' && chosen !== undefined) {
          lapse(chosen)
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

it('sweeps out what lapsed behind the top, so that it is not held for ever', () => {
  const { heap, push, lapse, looks } = setUp()
  push(-1)
  for (let value = 0; value < 100_000; value++) lapse(push(value))
  const before = looks()
  expect(before).toBeLessThan(500_000)
  heap.pop()
  expect(heap.peek()).toBeUndefined()
  expect(looks() - before).toBeLessThan(100)
})

const smallest = (items: readonly Item[]): number => Math.min(...items.map(({ value }) => value))
