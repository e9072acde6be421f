import type { ModelPrice, PriceList } from '@sfpool/core'

/** The differences between two price lists, as models such as `cn deepseek-ai/DeepSeek-V3`. */
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

/** Removes trailing zeros, so that `12.000` becomes `12`. */
export function plainAmount(amount: string): string {
  return amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount
}

/** Converts prices to text that is equal for equal prices. */
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
