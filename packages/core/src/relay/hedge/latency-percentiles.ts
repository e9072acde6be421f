/** Enough to know the slowest twentieth, few enough to follow a model whose speed changes. */
const samplesKept = 200
/** Fewer say little about the slowest twentieth. */
const samplesNeeded = 20
/** Between two looks at the samples. */
const refreshAfter = 10
/** Model names come from clients. */
const mostModels = 1_000

/** The first outputs of one model's calls. */
class Samples {
  readonly #values = new Float64Array(samplesKept)
  #count = 0
  #usualMs = 0
  #freshUntil = 0

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
  readonly #samples = new Map<string, Samples>()

  add(model: string, isStream: boolean, firstOutputMs: number): void {
    const name = nameOf(model, isStream)
    let samples = this.#samples.get(name)
    if (samples === undefined) {
      if (this.#samples.size >= mostModels) this.#forgetOldest()
      samples = new Samples()
      this.#samples.set(name, samples)
    }
    samples.add(firstOutputMs)
  }

  /** The time within which 95 of 100 calls had their first output lately, in milliseconds; null while unknown. */
  usualMsFor(model: string, isStream: boolean): number | null {
    return this.#samples.get(nameOf(model, isStream))?.usualMs ?? null
  }

  #forgetOldest(): void {
    for (const name of this.#samples.keys()) {
      this.#samples.delete(name)
      return
    }
  }
}

const nameOf = (model: string, isStream: boolean): string => (isStream ? `stream ${model}` : `whole ${model}`)
