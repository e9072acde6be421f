import { type AgedEntry, BoundedMap } from '../../collections/bounded-map.js'

/** Enough to know the slowest twentieth, few enough to follow a model whose speed changes. */
const samplesKept = 200
/** Fewer say little about the slowest twentieth. */
const samplesNeeded = 20
/** Between two looks at the samples. */
const refreshAfter = 10
/** Model names come from clients. */
const mostModels = 1_000

/** The first outputs of one model's calls. */
class Samples implements AgedEntry<Samples> {
  readonly name: string
  readonly #values = new Float64Array(samplesKept)
  #count = 0
  #usualMs = 0
  #freshUntil = 0
  older: Samples | undefined
  newer: Samples | undefined

  constructor(name: string) {
    this.name = name
  }

  add(value: number): void {
    this.#values[this.#count++ % samplesKept] = value
  }

  /** The 95th percentile; null while too little is known. */
  get usualMs(): number | null {
    if (this.#count < samplesNeeded) return null
    if (this.#count >= this.#freshUntil) {
      const sorted = this.#values.slice(0, this.#count).sort()
      this.#usualMs = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0
      this.#freshUntil = this.#count + refreshAfter
    }
    return this.#usualMs
  }
}

/** How long calls wait for their first output, by model: those that stream apart from those that answer whole. */
export class LatencyPercentiles {
  readonly #samples = new BoundedMap<string, Samples>({ limit: mostModels, keyOf: ({ name }) => name })

  add(model: string, isStream: boolean, firstOutputMs: number): void {
    const name = nameOf(model, isStream)
    let samples = this.#samples.get(name)
    if (samples === undefined) {
      samples = new Samples(name)
      this.#samples.add(samples)
    }
    samples.add(firstOutputMs)
  }

  /** The time within which 95 of 100 calls had their first output lately, in milliseconds; null while unknown. */
  usualMsFor(model: string, isStream: boolean): number | null {
    return this.#samples.get(nameOf(model, isStream))?.usualMs ?? null
  }
}

const nameOf = (model: string, isStream: boolean): string => (isStream ? `stream ${model}` : `whole ${model}`)
