import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { BillHeap, nobody } from './bill-heap.js'

interface Entry {
  readonly share: number
  readonly bill: number
  readonly turn: number
}

const inOrder = (one: Entry, other: Entry): number => one.bill - other.bill || one.turn - other.turn
const steps = fc.array(fc.record({ kind: fc.constantFrom('push', 'push', 'pop', 'bill'), bill: fc.nat(5) }), {
  maxLength: 80,
})

it('has nobody on top when it is empty', () => {
  expect(new BillHeap().top).toBe(nobody)
  expect(new BillHeap().find(() => true)).toBe(nobody)
})

it('has whoever owes least on top, and among equals whoever had the earlier turn', () => {
  assertProperty(
    fc.property(steps, (given) => {
      const heap = new BillHeap()
      let entries: Entry[] = []
      for (const [turn, { kind, bill }] of given.entries()) {
        const [top] = entries
        if (kind === 'push') {
          heap.push(turn, bill, turn)
          entries.push({ share: turn, bill, turn })
        } else if (top !== undefined) {
          entries = entries.slice(1)
          if (kind === 'pop') heap.pop()
          else {
            heap.replaceTop(top.share, top.bill + bill, turn)
            entries.push({ share: top.share, bill: top.bill + bill, turn })
          }
        }
        entries.sort(inOrder)
        expect(heap.top).toBe(entries[0]?.share ?? nobody)
        const even = entries.find(({ share }) => share % 2 === 0)
        expect(heap.find((share) => share % 2 === 0)).toBe(even?.share ?? nobody)
      }
    }),
  )
})
