import { PatternMap } from '../collections/pattern-map.js'
import type { Money } from '../money/decimal.js'
import type { Consumption } from './consumption.js'
import type { ModelPrice, PriceList } from './price-list.js'
import { type Tariff, tariffOf } from './tariff.js'

/** What a call cost: an exact amount in trillionths of the currency's unit, or why the cost is unknown. */
export type Cost = { readonly amount: Money; readonly currency: string } | { readonly unknown: string }

/** Callers choose the model names, so the number of remembered names is bounded. */
const maxRemembered = 2_000

/** The result of one look-up. Every call needs it, so it is remembered. */
type KnownTariff =
  | { readonly kind: 'priced'; readonly tariff: Tariff; readonly currency: string }
  | { readonly kind: 'unpriced'; readonly cost: Cost }

/** What one list says of one site. */
interface SiteList {
  readonly currency: string
  readonly prices: PatternMap<ModelPrice>
  readonly list: PriceList
}

/**
 * The prices that a pool calculates with: the operator's list first, then the list of the provider. What the first list
 * says of a model on a site, by name or by pattern, replaces everything that the next says of it there.
 */
export class PriceBook {
  /** When the prices of the first list were looked up, as in `2026-10-05`; null without any list. */
  readonly date: string | null
  /** Where the prices of the first list come from; null without any list. */
  readonly source: string | null
  /** All lists, in the order in which they are asked. */
  readonly lists: readonly PriceList[]
  readonly #listsOfSite = new Map<string, SiteList[]>()
  /** By site, then by model. */
  readonly #remembered = new Map<string, Map<string, KnownTariff>>()

  constructor(lists: readonly PriceList[]) {
    this.lists = lists
    this.date = lists[0]?.date ?? null
    this.source = lists[0]?.source ?? null
    for (const list of lists) {
      for (const [site, { currency, models }] of Object.entries(list.sites)) {
        const ofSite = this.#listsOfSite.get(site) ?? []
        ofSite.push({ currency, prices: new PatternMap(models), list })
        this.#listsOfSite.set(site, ofSite)
      }
    }
  }

  /** The listed price of a model on a site, with the list that names it; undefined when no list does. */
  of(
    model: string,
    site: string,
  ):
    | {
        readonly price: ModelPrice
        readonly currency: string
        readonly date: string
        readonly source: string
      }
    | undefined {
    const listed = this.#listedPrice(model, site)
    if (listed === undefined) return undefined
    const { price, currency, list } = listed
    return { price, currency, date: list.date, source: list.source }
  }

  /**
   * What a call to a model cost, by the prices of the instant `at` (milliseconds since the Unix epoch, when the call
   * began). `model` is the name that the upstream was asked for.
   */
  costOf(consumption: Consumption, model: string, site: string, at: number): Cost {
    const known = this.#tariff(model, site)
    if (known.kind === 'unpriced') return known.cost
    const cost = known.tariff.cost(consumption, at)
    if (typeof cost === 'string') return { unknown: `there is no price of ${cost} for ${model}` }
    return { amount: cost, currency: known.currency }
  }

  /** Whether a list says that every use of the model costs nothing. */
  isFree(model: string, site: string): boolean {
    const known = this.#tariff(model, site)
    return known.kind === 'priced' && known.tariff.isFree
  }

  #tariff(model: string, site: string): KnownTariff {
    const ofSite = this.#remembered.get(site) ?? new Map<string, KnownTariff>()
    if (ofSite.size === 0) this.#remembered.set(site, ofSite)
    const known = ofSite.get(model)
    if (known !== undefined) return known
    const found = this.#lookUp(model, site)
    if (ofSite.size >= maxRemembered) ofSite.clear()
    ofSite.set(model, found)
    return found
  }

  #lookUp(model: string, site: string): KnownTariff {
    const listed = this.#listedPrice(model, site)
    if (listed !== undefined) {
      return { kind: 'priced', tariff: tariffOf(listed.price, listed.list), currency: listed.currency }
    }
    return { kind: 'unpriced', cost: { unknown: `there is no price of ${model || 'calls without a model'}` } }
  }

  #listedPrice(
    model: string,
    site: string,
  ): { price: ModelPrice; currency: string; list: PriceList } | undefined {
    for (const { prices, currency, list } of this.#listsOfSite.get(site) ?? []) {
      const price = prices.get(model)
      if (price !== undefined) return { price, currency, list }
    }
    return undefined
  }
}
