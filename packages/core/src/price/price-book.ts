import { PatternMap } from '../collections/pattern-map.js'
import type { Money } from '../money/decimal.js'
import type { Consumption } from './consumption.js'
import type { ModelPrice, PriceList } from './price-list.js'
import { type Tariff, tariffOf } from './tariff.js'

/** What a call cost: an exact amount in trillionths of the currency's unit, or why nobody can tell. */
export type Cost = { readonly amount: Money; readonly currency: string } | { readonly unknown: string }

/** Model names come from clients, so what is remembered of them is bounded. */
const maxRemembered = 2_000

/** What is known of a model's price: looked up once, because every call asks. */
type Found = { readonly tariff: Tariff; readonly currency: string } | { readonly unknown: string }

interface Page {
  readonly currency: string
  readonly prices: PatternMap<ModelPrice>
  readonly list: PriceList
}

/**
 * The prices that a pool reckons with: the user's list, then the one that comes with the provider. Whatever the user's
 * list says of a model on a site, by name or by pattern, replaces all that the other says of it there.
 */
export class PriceBook {
  /** When the first list was looked up, as in `2026-10-05`; null without any list. */
  readonly date: string | null
  /** Where it was found; null without any list. */
  readonly source: string | null
  /** All lists, in the order in which they are asked. */
  readonly lists: readonly PriceList[]
  readonly #pages = new Map<string, Page[]>()
  /** By site, then by model. */
  readonly #remembered = new Map<string, Map<string, Found>>()

  constructor(lists: readonly PriceList[]) {
    this.lists = lists
    this.date = lists[0]?.date ?? null
    this.source = lists[0]?.source ?? null
    for (const list of lists) {
      for (const [site, { currency, models }] of Object.entries(list.sites)) {
        const pages = this.#pages.get(site) ?? []
        pages.push({ currency, prices: new PatternMap(models), list })
        this.#pages.set(site, pages)
      }
    }
  }

  /** What is listed for a model on a site, with the list it stands in; undefined when nothing is. */
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
    for (const { prices, currency, list } of this.#pages.get(site) ?? []) {
      const price = prices.get(model)
      if (price !== undefined) return { price, currency, date: list.date, source: list.source }
    }
    return undefined
  }

  /**
   * What a call to a model cost, by the prices of the instant `at` (milliseconds since the Unix epoch, when the call
   * began). `model` is the name that was asked for upstream.
   */
  costOf(consumption: Consumption, model: string, site: string, at: number): Cost {
    const found = this.#found(model, site)
    if ('unknown' in found) return found
    const cost = found.tariff.cost(consumption, at)
    if (typeof cost === 'string') return { unknown: `there is no price of ${cost} for ${model}` }
    return { amount: cost, currency: found.currency }
  }

  /** Whether a list says that the model costs nothing, whatever is used. */
  isFree(model: string, site: string): boolean {
    const found = this.#found(model, site)
    return 'tariff' in found && found.tariff.isFree
  }

  #found(model: string, site: string): Found {
    const ofSite = this.#remembered.get(site) ?? new Map<string, Found>()
    if (ofSite.size === 0) this.#remembered.set(site, ofSite)
    const known = ofSite.get(model)
    if (known !== undefined) return known
    const found = this.#lookUp(model, site)
    if (ofSite.size >= maxRemembered) ofSite.clear()
    ofSite.set(model, found)
    return found
  }

  #lookUp(model: string, site: string): Found {
    for (const { prices, currency, list } of this.#pages.get(site) ?? []) {
      const price = prices.get(model)
      if (price !== undefined) return { tariff: tariffOf(price, list), currency }
    }
    return { unknown: `there is no price of ${model || 'calls without a model'}` }
  }
}
