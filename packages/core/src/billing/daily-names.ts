import type { StoredUsage } from '../store/stored-usage.js'

/** Replaces names beyond the number that a day has room for. */
export const others = '(others)'

/** Callers choose the names, so a day has room for a limited number of each, and of pairs of them. */
const maxModels = 1_000
const maxClients = 1_000
const maxPairs = 10_000

/** The models and clients of one day, limited in number. */
export class DailyNames {
  #models = new Set<string>()
  #clients = new Set<string>()
  #pairs = new Set<string>()

  clear(): void {
    this.#models = new Set()
    this.#clients = new Set()
    this.#pairs = new Set()
  }

  add(model: string, client: string): void {
    this.#models.add(model)
    this.#clients.add(client)
    this.#pairs.add(pairOf(model, client))
  }

  /** Adds a pair and gives the names to count it under: `others` for each that the day has no room for. */
  bounded(model: string, client: string): Pick<StoredUsage, 'name' | 'of'> {
    const name = this.#models.has(model) || this.#models.size < maxModels ? model : others
    const of = this.#clients.has(client) || this.#clients.size < maxClients ? client : others
    const isKnown = this.#pairs.has(pairOf(name, of))
    const bounded = isKnown || this.#pairs.size < maxPairs ? { name, of } : { name: others, of: others }
    this.add(bounded.name, bounded.of)
    return bounded
  }
}

const pairOf = (model: string, client: string): string => `${model.length} ${model}${client}`
