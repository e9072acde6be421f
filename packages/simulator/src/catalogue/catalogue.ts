import { type Model, type SiteName, siteNames } from './model.js'
import { compilePricing, isFree, type Pricing } from './price.js'

/** A model with every default filled in. */
export interface OfferedModel extends Required<Omit<Model, 'site' | 'redirectTo' | 'maxPromptTokens'>> {
  site?: SiteName
  redirectTo?: string
  maxPromptTokens?: number
  isFree: boolean
  pricing: Pricing
}

/** The offered models, in the order in which `/models` lists them. */
export class Catalogue {
  readonly #models = new Map<string, Model>()
  readonly #offers: Record<SiteName, Map<string, OfferedModel>> = { cn: new Map(), com: new Map() }

  constructor(models: readonly Model[]) {
    for (const model of models) this.set(model)
  }

  get(site: SiteName, id: string): OfferedModel | undefined {
    return this.#offers[site].get(id)
  }

  /** Returns the models of one site, in order. */
  offers(site: SiteName): Iterable<OfferedModel> {
    return this.#offers[site].values()
  }

  list(): Model[] {
    return [...this.#models.values()]
  }

  /** Adds a model. A model with the same id and site is replaced and keeps its place in the list. */
  set(model: Model): void {
    const copy = { ...model }
    this.#models.set(entryName(copy), copy)
    const offered = offer(copy)
    for (const site of copy.site === undefined ? siteNames : [copy.site]) {
      const isOverruled = copy.site === undefined && this.#models.has(`${copy.id} ${site}`)
      if (!isOverruled) this.#offers[site].set(copy.id, offered)
    }
  }

  /** Changes fields of every entry with this id. Returns the number of entries. */
  update(id: string, patch: Partial<Omit<Model, 'id' | 'site'>>): number {
    const entries = this.list().filter((model) => model.id === id)
    for (const entry of entries) this.set({ ...entry, ...patch })
    return entries.length
  }
}

function entryName({ id, site }: Model): string {
  return site === undefined ? id : `${id} ${site}`
}

function offer(model: Model): OfferedModel {
  const price = model.price ?? []
  const free = isFree(price)
  return {
    price,
    isChargeOnly: model.id.startsWith('Pro/'),
    limits: {},
    thinking: 'none',
    usage: 'every-chunk',
    contextTokens: 131_072,
    hasTools: model.subType === 'chat',
    hasVision: false,
    hasCompletions: false,
    dimensions: 1024,
    hasDimensions: false,
    isDisabled: false,
    isVerifiedOnly: !free,
    quirks: [],
    ...model,
    isFree: free,
    pricing: compilePricing(price),
  }
}
