import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { FairQueue } from './fair-queue.js'
import { noFlow, type TaggedFlow } from './start-tag-heap.js'

const weights = [1, 2, 5]
const weightOf = (flow: number): number => weights[flow % weights.length] as number
const inOrder = (one: TaggedFlow, other: TaggedFlow): number =>
  one.startTag - other.startTag || one.sequence - other.sequence
const steps = fc.array(
  fc.record({ kind: fc.constantFrom('add', 'requeue', 'requeue', 'remove'), lead: fc.nat(3) }),
  { maxLength: 120 },
)

it('FairQueue has no flow on top when it is empty', () => {
  expect(new FairQueue().top).toBe(noFlow)
  expect(new FairQueue().find(() => true)).toBe(noFlow)
})

it('FairQueue has the lowest start tag on top, and among equal tags the lower sequence number', () => {
  assertProperty(
    fc.property(steps, (given) => {
      const queue = new FairQueue()
      let entries: TaggedFlow[] = []
      let virtualTime = 0
      for (const [sequence, { kind, lead }] of given.entries()) {
        const [top] = entries
        if (kind === 'add') {
          const added = { flow: sequence, startTag: virtualTime + lead, sequence }
          queue.add(sequence, weightOf(sequence), added)
          entries.push(added)
        } else if (top !== undefined) {
          virtualTime = top.startTag
          entries = entries.slice(1)
          queue.take()
          if (kind === 'remove') queue.remove(top.flow, weightOf(top.flow))
          else {
            const requeued = { flow: top.flow, startTag: virtualTime + 1 / weightOf(top.flow), sequence }
            queue.requeue(requeued.flow, requeued.startTag, sequence)
            entries.push(requeued)
          }
        }
        entries.sort(inOrder)
        expect(queue.top).toBe(entries[0]?.flow ?? noFlow)
        const even = entries.find(({ flow }) => flow % 2 === 0)
        expect(queue.find((flow) => flow % 2 === 0)).toBe(even?.flow ?? noFlow)
      }
    }),
  )
})
