import { growArray } from '../../collections/grow-array.js'
import { noFlow, StartTagHeap, type TaggedFlow } from './start-tag-heap.js'

/** The flows of one weight, first in, first out. */
interface WeightLane {
  last: number
  /** How many flows have this weight, those taken for service included. */
  members: number
}

/**
 * Orders flows for start-time fair queueing: the lowest start tag first, and among equal tags the lower sequence number.
 * Flows of one weight advance by the same step, so they come due in the order in which they were queued. Each weight has
 * a lane of its own, and only the head of each lane is in the heap. With few weights the heap stays small, however many
 * flows there are, and a pick among 100,000 waits for memory less often: a read that waits for the one before costs 140 ns.
 * The bench is `pick`, the figure is that of docs/decisions/0010-rows-of-numbers.md.
 */
export class FairQueue {
  readonly #heads = new StartTagHeap()
  readonly #lanes = new Map<number, WeightLane>()
  readonly #laneOf: (WeightLane | undefined)[] = []
  #startTags = new Float64Array(0)
  #sequences = new Float64Array(0)
  /** The flow that follows each flow in its lane. */
  #next = new Int32Array(0)

  get top(): number {
    return this.#heads.top
  }

  startTagOf(flow: number): number {
    return this.#startTags[flow] as number
  }

  /** Adds a flow with any start tag. It stays outside its lane until it is queued again. */
  add(flow: number, weight: number, { startTag, sequence }: Omit<TaggedFlow, 'flow'>): void {
    const lane = this.#lanes.get(weight) ?? { last: noFlow, members: 0 }
    this.#lanes.set(weight, lane)
    lane.members++
    this.#laneOf[flow] = lane
    this.#startTags = growArray(this.#startTags, flow + 1)
    this.#sequences = growArray(this.#sequences, flow + 1)
    this.#next = growArray(this.#next, flow + 1)
    this.#write(flow, startTag, sequence)
    this.#heads.push(flow, startTag, sequence)
  }

  /** Forgets a flow that was taken and will not be queued again. */
  remove(flow: number, weight: number): void {
    const lane = this.#laneOf[flow]
    this.#laneOf[flow] = undefined
    if (lane !== undefined && --lane.members === 0) this.#lanes.delete(weight)
  }

  /** Takes the top flow away; the next flow of its lane moves up. */
  take(): void {
    const flow = this.top
    const next = this.#next[flow] as number
    if (next !== noFlow) {
      this.#heads.replaceTop(next, this.#startTags[next] as number, this.#sequences[next] as number)
      return
    }
    this.#heads.pop()
    const lane = this.#laneOf[flow]
    if (lane?.last === flow) lane.last = noFlow
  }

  /** Queues a flow that was taken. Its start tag must not be lower than the last one in its lane. */
  requeue(flow: number, startTag: number, sequence: number): void {
    this.#write(flow, startTag, sequence)
    const lane = this.#laneOf[flow] as WeightLane
    if (lane.last === noFlow) this.#heads.push(flow, startTag, sequence)
    else this.#next[lane.last] = flow
    lane.last = flow
  }

  /** The first flow in order that matches. */
  find(matches: (flow: number) => boolean): number {
    return this.#heads.find(matches, (flow) => this.#nextOf(flow))
  }

  #nextOf(before: number): TaggedFlow | undefined {
    const flow = this.#next[before] as number
    if (flow === noFlow) return undefined
    return { flow, startTag: this.#startTags[flow] as number, sequence: this.#sequences[flow] as number }
  }

  #write(flow: number, startTag: number, sequence: number): void {
    this.#startTags[flow] = startTag
    this.#sequences[flow] = sequence
    this.#next[flow] = noFlow
  }
}
