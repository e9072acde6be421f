import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { type Billed, nobody } from './bill-heap.js'
import { FairQueue } from './fair-queue.js'

const weights = [1, 2, 5]
const weightOf = (share: number): number => weights[share % weights.length] as number
const inOrder = (one: Billed, other: Billed): number => one.bill - other.bill || one.turn - other.turn
const steps = fc.array(
  fc.record({ kind: fc.constantFrom('join', 'bill', 'bill', 'leave'), debt: fc.nat(3) }),
  { maxLength: 120 },
)

it('has nobody on top when it is empty', () => {
  expect(new FairQueue().top).toBe(nobody)
  expect(new FairQueue().find(() => true)).toBe(nobody)
})

it('has whoever owes least on top, and among equals whoever had the earlier turn', () => {
  assertProperty(
    fc.property(steps, (given) => {
      const lines = new FairQueue()
      let entries: Billed[] = []
      let now = 0
      for (const [turn, { kind, debt }] of given.entries()) {
        const [top] = entries
        if (kind === 'join') {
          const joined = { share: turn, bill: now + debt, turn }
          lines.join(turn, weightOf(turn), joined)
          entries.push(joined)
        } else if (top !== undefined) {
          now = top.bill
          entries = entries.slice(1)
          lines.take()
          if (kind === 'leave') lines.leave(top.share, weightOf(top.share))
          else {
            const billed = { share: top.share, bill: now + 1 / weightOf(top.share), turn }
            lines.bill(billed.share, billed.bill, turn)
            entries.push(billed)
          }
        }
        entries.sort(inOrder)
        expect(lines.top).toBe(entries[0]?.share ?? nobody)
        const even = entries.find(({ share }) => share % 2 === 0)
        expect(lines.find((share) => share % 2 === 0)).toBe(even?.share ?? nobody)
      }
    }),
  )
})
