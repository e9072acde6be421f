/**
 * Values by model name. A name may hold `*` for any characters, as in `Pro/*`; the exact name comes first, then the
 * pattern with the most characters. Case matters only where names that differ in case are given.
 */
export class PatternMap<T> {
  readonly #exact: ReadonlyMap<string, T>
  readonly #folded: ReadonlyMap<string, T>
  readonly #patterns: readonly { readonly test: RegExp; readonly value: T }[]

  constructor(values: Readonly<Record<string, T>> = {}) {
    const entries = Object.entries(values)
    const names = entries.filter(([name]) => !name.includes('*'))
    this.#exact = new Map(names)
    this.#folded = new Map(names.map(([name, value]) => [name.toLowerCase(), value]))
    this.#patterns = entries
      .filter(([name]) => name.includes('*'))
      .sort(([one], [other]) => other.length - one.length)
      .map(([name, value]) => ({ test: patternOf(name), value }))
  }

  get(model: string): T | undefined {
    return (
      this.#exact.get(model) ??
      this.#folded.get(model.toLowerCase()) ??
      this.#patterns.find(({ test }) => test.test(model))?.value
    )
  }
}

function patternOf(name: string): RegExp {
  const parts = name.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'is')
}
