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
  const flows = new Flows()
  /** Start tags in units of 1/weight. */
  const queue = new FairQueue()
  let nextSequence = 0
  /** The start tag of the latest pick. */
  let virtualTime = 0

  /** How far the start tag of a former flow is ahead of the virtual time, scaled to the current weight. */
  const leadOf = (flow: number, weight: number): number =>
    flow === noFlow
      ? 0
      : (Math.max(0, queue.startTagOf(flow) - virtualTime) * (flows.weights[flow] as number)) / weight

  const top = (): number => {
    for (let flow = queue.top; flow !== noFlow; flow = queue.top) {
      if (flows.active[flow] === 1) return flow
      queue.take()
      queue.remove(flow, flows.weights[flow] as number)
      flows.forget(flow)
    }
    return noFlow
  }

  return {
    add(candidate) {
      const { weight } = candidate
      const known = flows.of(candidate)
      if (known !== noFlow && flows.weights[known] === weight) {
        flows.active[known] = 1
        return
      }
      const startTag = virtualTime + leadOf(known, weight)
      if (known !== noFlow) flows.active[known] = 0
      const flow = flows.add(candidate)
      queue.add(flow, weight, { startTag, sequence: nextSequence++ })
    },
    remove(candidate) {
      const flow = flows.of(candidate)
      if (flow !== noFlow) flows.active[flow] = 0
    },
    pick(accepts) {
      let passed: TaggedFlow[] | null = null
      for (let flow = top(); flow !== noFlow; flow = top()) {
        virtualTime = queue.startTagOf(flow)
        const startTag = virtualTime + 1 / (flows.weights[flow] as number)
        const sequence = nextSequence++
        queue.take()
        const candidate = flows.candidateOf(flow)
        if (accepts(candidate)) {
          // A lane takes its flows in the order of their start tags.
          for (const each of passed ?? []) queue.requeue(each.flow, each.startTag, each.sequence)
          queue.requeue(flow, startTag, sequence)
          return candidate
        }
        passed ??= []
        passed.push({ flow, startTag, sequence })
      }
      for (const each of passed ?? []) queue.requeue(each.flow, each.startTag, each.sequence)
      return undefined
    },
    peek(accepts) {
      const flow = queue.find((each) => flows.active[each] === 1 && accepts(flows.candidateOf(each)))
      return flow === noFlow ? undefined : flows.candidateOf(flow)
    },
  }
}
