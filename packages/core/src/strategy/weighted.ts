import { growArray } from '../collections/grow-array.js'
import { FairQueue } from './fair-queue/fair-queue.js'
import { noFlow, type TaggedFlow } from './fair-queue/start-tag-heap.js'
import type { Candidate, Strategy } from './strategy.js'

/** The flows of the candidates. Each flow is a number that is reused once its flow is forgotten. */
class Flows {
  /** By candidate. A removed candidate stays until the virtual time has reached its start tag. */
  readonly #numbers = new Map<Candidate, number>()
  readonly #candidates: (Candidate | undefined)[] = []
  readonly #free: number[] = []
  weights = new Float64Array(0)
  /** 1 for flows whose candidate may be picked. */
  active = new Int32Array(0)

  of(candidate: Candidate): number {
    return this.#numbers.get(candidate) ?? noFlow
  }

  candidateOf(flow: number): Candidate {
    return this.#candidates[flow] as Candidate
  }

  add(candidate: Candidate): number {
    const flow = this.#free.pop() ?? this.#candidates.length
    this.#numbers.set(candidate, flow)
    this.#candidates[flow] = candidate
    this.weights = growArray(this.weights, flow + 1)
    this.active = growArray(this.active, flow + 1)
    this.weights[flow] = candidate.weight
    this.active[flow] = 1
    return flow
  }

  forget(flow: number): void {
    const candidate = this.candidateOf(flow)
    if (this.of(candidate) === flow) this.#numbers.delete(candidate)
    this.#candidates[flow] = undefined
    this.#free.push(flow)
  }
}

/**
 * Gives exact shares by weight, by start-time fair queueing: each pick moves the start tag of the key on by 1/weight, and
 * the key with the lowest tag serves next. A key that joins starts at the current virtual time, so it gets no catch-up
 * burst. A key that leaves and returns keeps its lead, so it gains nothing by coming and going.
 */
export function weighted(): Strategy {
  return new FairShares()
}

class FairShares implements Strategy {
  readonly #flows = new Flows()
  /** Start tags in units of 1/weight. */
  readonly #queue = new FairQueue()
  #nextSequence = 0
  /** The start tag of the latest pick. */
  #virtualTime = 0

  add(candidate: Candidate): void {
    const { weight } = candidate
    const flows = this.#flows
    const known = flows.of(candidate)
    if (known !== noFlow && flows.weights[known] === weight) {
      flows.active[known] = 1
      return
    }
    const startTag = this.#virtualTime + this.#leadOf(known, weight)
    if (known !== noFlow) flows.active[known] = 0
    this.#queue.add(flows.add(candidate), weight, { startTag, sequence: this.#nextSequence++ })
  }

  remove(candidate: Candidate): void {
    const flow = this.#flows.of(candidate)
    if (flow !== noFlow) this.#flows.active[flow] = 0
  }

  pick(accepts: (candidate: Candidate) => boolean): Candidate | undefined {
    let passed: TaggedFlow[] | null = null
    for (let flow = this.#top(); flow !== noFlow; flow = this.#top()) {
      this.#virtualTime = this.#queue.startTagOf(flow)
      const startTag = this.#virtualTime + 1 / (this.#flows.weights[flow] as number)
      const sequence = this.#nextSequence++
      this.#queue.take()
      const candidate = this.#flows.candidateOf(flow)
      if (accepts(candidate)) {
        // A lane takes its flows in the order of their start tags.
        if (passed !== null) this.#requeue(passed)
        this.#queue.requeue(flow, startTag, sequence)
        return candidate
      }
      passed ??= []
      passed.push({ flow, startTag, sequence })
    }
    if (passed !== null) this.#requeue(passed)
    return undefined
  }

  peek(accepts: (candidate: Candidate) => boolean): Candidate | undefined {
    const flows = this.#flows
    const flow = this.#queue.find((each) => flows.active[each] === 1 && accepts(flows.candidateOf(each)))
    return flow === noFlow ? undefined : flows.candidateOf(flow)
  }

  /** How far the start tag of a former flow is ahead of the virtual time, scaled to the current weight. */
  #leadOf(flow: number, weight: number): number {
    if (flow === noFlow) return 0
    const lead = Math.max(0, this.#queue.startTagOf(flow) - this.#virtualTime)
    return (lead * (this.#flows.weights[flow] as number)) / weight
  }

  /** The active flow of the lowest start tag. Forgets the inactive flows above it. */
  #top(): number {
    const flows = this.#flows
    for (let flow = this.#queue.top; flow !== noFlow; flow = this.#queue.top) {
      if (flows.active[flow] === 1) return flow
      this.#queue.take()
      this.#queue.remove(flow, flows.weights[flow] as number)
      flows.forget(flow)
    }
    return noFlow
  }

  #requeue(passed: readonly TaggedFlow[]): void {
    for (const { flow, startTag, sequence } of passed) this.#queue.requeue(flow, startTag, sequence)
  }
}
