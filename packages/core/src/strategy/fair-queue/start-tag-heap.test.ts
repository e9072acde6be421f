import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertProperty } from '../../testing/assert-property.js'
import { noFlow, StartTagHeap } from './start-tag-heap.js'

interface Entry {
  readonly flow: number
  readonly startTag: number
  readonly sequence: number
}

const inOrder = (one: Entry, other: Entry): number =>
  one.startTag - other.startTag || one.sequence - other.sequence
const steps = fc.array(
  fc.record({ kind: fc.constantFrom('push', 'push', 'pop', 'replace'), startTag: fc.nat(5) }),
  {
    maxLength: 80,
  },
)

it('StartTagHeap has no flow on top when it is empty', () => {
  expect(new StartTagHeap().top).toBe(noFlow)
  expect(new StartTagHeap().find(() => true)).toBe(noFlow)
})

it('StartTagHeap has the lowest start tag on top, and among equal tags the lower sequence number', () => {
  assertProperty(
    fc.property(steps, (given) => {
      const heap = new StartTagHeap()
      let entries: Entry[] = []
      for (const [sequence, { kind, startTag }] of given.entries()) {
        const [top] = entries
        if (kind === 'push') {
          heap.push(sequence, startTag, sequence)
          entries.push({ flow: sequence, startTag, sequence })
        } else if (top !== undefined) {
          entries = entries.slice(1)
          if (kind === 'pop') heap.pop()
          else {
            heap.replaceTop(top.flow, top.startTag + startTag, sequence)
            entries.push({ flow: top.flow, startTag: top.startTag + startTag, sequence })
          }
        }
        entries.sort(inOrder)
        expect(heap.top).toBe(entries[0]?.flow ?? noFlow)
        const even = entries.find(({ flow }) => flow % 2 === 0)
        expect(heap.find((flow) => flow % 2 === 0)).toBe(even?.flow ?? noFlow)
      }
    }),
  )
})
