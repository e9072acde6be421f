import type { ModelPrice, PriceList } from '@sfpool/core'

/** Models of one list that another does not have, or has at other prices, each as in `cn deepseek-ai/DeepSeek-V3`. */
export interface PriceChanges {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly gone: readonly string[]
}

export function priceChanges(before: PriceList | null, after: PriceList): PriceChanges {
  const old = pricesOf(before)
  const now = pricesOf(after)
  const names = [...now.keys()]
  return {
    added: names.filter((name) => !old.has(name)),
    changed: names.filter((name) => old.has(name) && old.get(name) !== now.get(name)),
    gone: [...old.keys()].filter((name) => !now.has(name)),
  }
}

/** `12.000` and `12` are the same price. */
export function plainAmount(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount
}

/** Prices in a form in which those that are the same are equal. */
function pricesOf(list: PriceList | null): ReadonlyMap<string, string> {
  const sites = Object.entries(list?.sites ?? {})
  return new Map(
    sites.flatMap(([site, { currency, models }]) =>
      Object.entries(models).map(([name, price]) => [
        `${site} ${name}`,
        comparable(price, currency, list?.zone),
      ]),
    ),
  )
}

function comparable(price: ModelPrice, currency: string, zone = '+00:00'): string {
  if (price === 'free') return price
  const lines = [price].flat().map((line) =>
    Object.entries(line)
      .map(([kind, value]) => [kind, typeof value === 'string' ? plainAmount(value) : value])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  )
  const isTimed = [price].flat().some(({ hours }) => hours !== undefined)
  return JSON.stringify([currency, isTimed ? zone : null, lines])
}
