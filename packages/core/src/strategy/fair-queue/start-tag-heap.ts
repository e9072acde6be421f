import { growArray } from '../../collections/grow-array.js'
import { MinHeap } from '../../collections/min-heap.js'

/** Children of an entry. Four fit into one line of the processor's cache and make the heap half as deep as two do. */
const arity = 4

/** Stands for "no flow" where a flow is expected. */
export const noFlow = -1

/** A flow with the virtual time at which its next service starts. */
export interface TaggedFlow {
  readonly flow: number
  readonly startTag: number
  readonly sequence: number
}

/** An entry that a search has reached. */
interface SearchEntry extends TaggedFlow {
  /** Its index in the heap; null when the flow is in a lane. */
  readonly at: number | null
}

/**
 * A heap of flows: the lowest start tag on top, and among equal tags the lower sequence number. The tags are stored side
 * by side in memory, so moving an entry reads no other memory of its flow.
 */
export class StartTagHeap {
  #flows = new Int32Array(0)
  #startTags = new Float64Array(0)
  #sequences = new Float64Array(0)
  #length = 0

  get top(): number {
    return this.#length === 0 ? noFlow : (this.#flows[0] as number)
  }

  push(flow: number, startTag: number, sequence: number): void {
    const at = this.#length++
    this.#flows = growArray(this.#flows, this.#length)
    this.#startTags = growArray(this.#startTags, this.#length)
    this.#sequences = growArray(this.#sequences, this.#length)
    let hole = at
    while (hole > 0) {
      const parent = Math.floor((hole - 1) / arity)
      if (!this.#isBefore(startTag, sequence, parent)) break
      this.#move(parent, hole)
      hole = parent
    }
    this.#put(hole, flow, startTag, sequence)
  }

  pop(): void {
    const last = --this.#length
    if (last > 0)
      this.#sink(
        this.#flows[last] as number,
        this.#startTags[last] as number,
        this.#sequences[last] as number,
      )
  }

  /** Replaces the top by another flow, or by itself with a higher tag: cheaper than `pop` and `push`. */
  replaceTop(flow: number, startTag: number, sequence: number): void {
    this.#sink(flow, startTag, sequence)
  }

  /**
   * The first flow in order that matches. The search reads only the entries before it and their children.
   * `nextOf` gives the flow that follows another one outside the heap.
   */
  find(
    matches: (flow: number) => boolean,
    nextOf: (flow: number) => TaggedFlow | undefined = () => undefined,
  ): number {
    const open = new MinHeap<SearchEntry>(
      (one, other) =>
        one.startTag < other.startTag || (one.startTag === other.startTag && one.sequence < other.sequence),
    )
    const openFrom = (first: number, end: number): void => {
      for (let at = first; at < Math.min(end, this.#length); at++) open.push({ ...this.#entryAt(at), at })
    }
    openFrom(0, 1)
    for (let found = open.pop(); found !== undefined; found = open.pop()) {
      const { flow, at } = found
      if (matches(flow)) return flow
      if (at !== null) openFrom(arity * at + 1, arity * at + 1 + arity)
      const next = nextOf(flow)
      if (next !== undefined) open.push({ ...next, at: null })
    }
    return noFlow
  }

  #entryAt(at: number): TaggedFlow {
    return {
      flow: this.#flows[at] as number,
      startTag: this.#startTags[at] as number,
      sequence: this.#sequences[at] as number,
    }
  }

  #sink(flow: number, startTag: number, sequence: number): void {
    const startTags = this.#startTags
    const sequences = this.#sequences
    const length = this.#length
    let hole = 0
    for (let first = 1; first < length; first = arity * hole + 1) {
      const end = Math.min(first + arity, length)
      let least = first
      let lowest = startTags[first] as number
      for (let child = first + 1; child < end; child++) {
        const childTag = startTags[child] as number
        if (
          childTag > lowest ||
          (childTag === lowest && (sequences[child] as number) > (sequences[least] as number))
        )
          continue
        least = child
        lowest = childTag
      }
      if (lowest > startTag || (lowest === startTag && (sequences[least] as number) > sequence)) break
      this.#move(least, hole)
      hole = least
    }
    this.#put(hole, flow, startTag, sequence)
  }

  #isBefore(startTag: number, sequence: number, other: number): boolean {
    const otherTag = this.#startTags[other] as number
    return startTag < otherTag || (startTag === otherTag && sequence < (this.#sequences[other] as number))
  }

  #move(from: number, to: number): void {
    this.#put(
      to,
      this.#flows[from] as number,
      this.#startTags[from] as number,
      this.#sequences[from] as number,
    )
  }

  #put(at: number, flow: number, startTag: number, sequence: number): void {
    this.#flows[at] = flow
    this.#startTags[at] = startTag
    this.#sequences[at] = sequence
  }
}
