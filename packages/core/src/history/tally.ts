import type { OutcomeKind } from '../outcome/outcome.js'
import type { Usage } from '../usage/usage.js'
import { wholeCount } from '../usage/whole-count.js'
import { BalanceMarks } from './balance-marks.js'
import type { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { CostSums } from './cost-sums.js'
import { LatencySketch } from './latency-sketch.js'

/** The outcomes in the order in which they are stored. New ones go to the end. */
export const outcomeOrder: readonly OutcomeKind[] = [
  'success',
  'rate-limited',
  'unauthorized',
  'insufficient-balance',
  'rejected',
  'upstream-error',
  'network-error',
  'timeout',
  'truncated',
  'aborted',
]

const outcomeNumbers = Object.fromEntries(outcomeOrder.map((kind, at) => [kind, at])) as Record<
  OutcomeKind,
  number
>

export type CountName =
  | 'promptTokens'
  | 'completionTokens'
  | 'cachedTokens'
  | 'reasoningTokens'
  | 'images'
  | 'unknownCosts'

/** Where a kind of tokens stands among the counts: after the outcomes. */
const countPlaces: Readonly<Record<CountName, number>> = Object.freeze({
  promptTokens: 10,
  completionTokens: 11,
  cachedTokens: 12,
  reasoningTokens: 13,
  images: 14,
  unknownCosts: 15,
})

const countLength = 16

/** Which lengths of time a reader wants: they take most of the time of reading. */
export type Latencies = 'all' | 'duration' | 'firstOutput' | 'none'

/** What happened under one name in one step of time. Tallies of several processes and steps add up to one. */
export class Tally {
  /** A list, not a typed array: that takes five times as long to make, and a query reads ten thousands of them. */
  readonly #counts: number[] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  /** What most tallies of a query do not need is made when it is. */
  #cost: CostSums | null = null
  #balances: BalanceMarks | null = null
  #duration: LatencySketch | null = null
  #firstOutput: LatencySketch | null = null

  get cost(): CostSums {
    this.#cost ??= new CostSums()
    return this.#cost
  }

  get balances(): BalanceMarks {
    this.#balances ??= new BalanceMarks()
    return this.#balances
  }

  /** How long the requests took, from their start to their end. */
  get duration(): LatencySketch {
    this.#duration ??= new LatencySketch()
    return this.#duration
  }

  /** How long they took to their first output. */
  get firstOutput(): LatencySketch {
    this.#firstOutput ??= new LatencySketch()
    return this.#firstOutput
  }

  /** Requests that ended. */
  get requests(): number {
    let sum = 0
    for (let at = 0; at < outcomeOrder.length; at++) sum += this.#counts[at] ?? 0
    return sum
  }

  /** Requests that failed. A client that left before the end is no failure. */
  get errors(): number {
    return this.requests - this.outcome('success') - this.outcome('aborted')
  }

  outcome(kind: OutcomeKind): number {
    return this.#counts[outcomeNumbers[kind]] ?? 0
  }

  count(name: CountName): number {
    return this.#counts[countPlaces[name]] ?? 0
  }

  /** `firstOutput` is -1 for none. Both are buckets of `bucketOf`. */
  addEnd(kind: OutcomeKind, duration: number, firstOutput: number): void {
    const at = outcomeNumbers[kind]
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.duration.add(duration)
    if (firstOutput >= 0) this.firstOutput.add(firstOutput)
  }

  addUsage(usage: Usage): void {
    const counts = this.#counts
    counts[10] = (counts[10] ?? 0) + wholeCount(usage.promptTokens)
    counts[11] = (counts[11] ?? 0) + wholeCount(usage.completionTokens)
    counts[12] = (counts[12] ?? 0) + wholeCount(usage.cachedTokens)
    counts[13] = (counts[13] ?? 0) + wholeCount(usage.reasoningTokens)
    counts[14] = (counts[14] ?? 0) + wholeCount(usage.images)
  }

  addUnknownCost(): void {
    this.#counts[15] = (this.#counts[15] ?? 0) + 1
  }

  merge(other: Tally): void {
    for (let at = 0; at < countLength; at++)
      this.#counts[at] = (this.#counts[at] ?? 0) + (other.#counts[at] ?? 0)
    if (other.#cost !== null) this.cost.merge(other.#cost)
    if (other.#balances !== null) this.balances.merge(other.#balances)
    if (other.#duration !== null) this.duration.merge(other.#duration)
    if (other.#firstOutput !== null) this.firstOutput.merge(other.#firstOutput)
  }

  /** The counts that are not 0, each by its distance from the one before; then the rest. */
  write(writer: ByteWriter): void {
    let used = 0
    for (const count of this.#counts) if (count > 0) used++
    writer.number(used)
    let last = 0
    for (let at = 0; at < countLength; at++) {
      const count = this.#counts[at] ?? 0
      if (count === 0) continue
      writer.number(at - last).number(count)
      last = at
    }
    this.cost.write(writer)
    this.balances.write(writer)
    for (const sketch of [this.duration, this.firstOutput]) {
      scratch.clear()
      sketch.write(scratch)
      writer.part(scratch)
    }
  }

  /** Adds what `write` has written, with or without the lengths of time. */
  read(reader: ByteReader, latencies: Latencies): void {
    let at = 0
    for (let used = reader.number(); used > 0; used--) {
      at += reader.number()
      const count = reader.number()
      if (at < countLength) this.#counts[at] = (this.#counts[at] ?? 0) + count
    }
    if (!reader.takesZero()) this.cost.read(reader)
    if (!reader.takesZero()) this.balances.read(reader)
    if (latencies === 'none' || latencies === 'firstOutput') reader.skipPart()
    else this.duration.read(reader.part())
    if (latencies === 'none' || latencies === 'duration') reader.skipPart()
    else this.firstOutput.read(reader.part())
  }
}

const scratch = new ByteWriter()
