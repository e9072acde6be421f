import type { ModelPrice, PriceLine, PriceList } from './price-list.js'

/** An entry of `pricingApiItems`, the table inside SiliconFlow's public price page, with the fields that are read. */
export interface PricingItem {
  /** The model, as requests name it. */
  readonly playgroundName?: unknown
  /** The unit that is charged, as in `input-tokens`. */
  readonly componentCode?: unknown
  /** Ends with the tier and the unit, as in `….over-32k-input.input-tokens`. */
  readonly objectName?: unknown
  /** The price in yuan, as a decimal. */
  readonly realTimePriceCnyUnit?: unknown
  /** How many units the price is for, as in `M tokens`. */
  readonly unitZhCnName?: unknown
  /** Which price it is: the list price (刊例价), the price of a campaign (活动价), or the fallback price (兜底价). */
  readonly price_scenario?: unknown
  /** `online` for calls that are answered at once; other values are for batches. */
  readonly payloadBizText?: unknown
}

const components: Readonly<Record<string, keyof PriceLine>> = {
  'input-tokens': 'input',
  'cached-input-tokens': 'cachedInput',
  'output-tokens': 'output',
  'image-cnt': 'image',
  'video-cnt': 'video',
  'utf8-bytes': 'speech',
}

/** The list price comes before that of a campaign, which ends some day; the fallback price comes last. */
const scenarios: readonly unknown[] = ['刊例价', '活动价', '兜底价']

/** Powers of ten between the unit of an entry and the unit of a `PriceLine`. Entries with other units are skipped. */
const shifts: Readonly<Record<string, number>> = {
  'M tokens': 0,
  'K tokens': 3,
  图片: 0,
  视频: 0,
  '千字符（UTF-8）': 0,
}

interface RankedPrice {
  readonly rank: number
  readonly price: string
}

/** The prices of a model, by the input tokens above which they apply, then by kind. */
type Tiers = Map<number, Map<keyof PriceLine, RankedPrice>>

/**
 * Reads the prices of the .cn site from the table of its public page, as public crawls record it. Entries of an unknown
 * form are left out, so that their price stays unknown rather than wrong.
 */
export function readPricingItems(
  items: readonly PricingItem[],
  origin: { readonly date: string; readonly source: string },
): PriceList {
  const models = new Map<string, Tiers>()
  for (const item of items) addItem(item, models)
  const prices: [string, ModelPrice][] = Array.from(models, ([name, tiers]) => [name, linesOf(tiers)])
  return {
    ...origin,
    zone: '+08:00',
    batchFactor: '0.5',
    sites: { cn: { currency: 'CNY', models: Object.fromEntries(prices) } },
  }
}

function addItem(item: PricingItem, models: Map<string, Tiers>): void {
  const { playgroundName: name, componentCode: code, payloadBizText, price_scenario } = item
  if (payloadBizText !== 'online' || typeof name !== 'string' || name === '') return
  const kind = typeof code === 'string' ? components[code] : undefined
  const above = tierOf(item.objectName, code)
  const price = priceOf(item)
  if (kind === undefined || above === null || price === null) return
  const tiers = models.get(name) ?? new Map()
  models.set(name, tiers)
  const tier = tiers.get(above) ?? new Map()
  tiers.set(above, tier)
  const place = scenarios.indexOf(price_scenario)
  const rank = place === -1 ? scenarios.length : place
  const known = tier.get(kind)
  if (known === undefined || rank < known.rank) tier.set(kind, { rank, price })
}

/** The input tokens above which a price applies, -1 for any; null for a condition of an unknown form. */
function tierOf(objectName: unknown, code: unknown): number | null {
  if (typeof objectName !== 'string') return -1
  const [, condition] = /\.([^.]+)\.[^.]+$/.exec(objectName) ?? []
  if (condition === undefined || !objectName.endsWith(`.${String(code)}`)) return -1
  if (/^0-\d+k-input$/i.test(condition)) return -1
  const over = /^over-(\d+)k-input$/i.exec(condition)
  if (over !== null) return Number(over[1]) * 1024
  return condition.endsWith('-input') ? null : -1
}

function priceOf({ realTimePriceCnyUnit: given, unitZhCnName: unit }: PricingItem): string | null {
  const text = String(given)
  const shift = shifts[String(unit)]
  return shift !== undefined && /^\d{1,9}(\.\d{1,12})?$/.test(text) ? shifted(text, shift) : null
}

/** Moves the decimal point to the right in the text, so that no float is involved. */
function shifted(text: string, by: number): string {
  const [whole = '0', fraction = ''] = text.split('.')
  const digits = `${whole}${fraction.slice(0, by).padEnd(by, '0')}`.replace(/^0+(?=\d)/, '')
  const rest = fraction.slice(by)
  return rest === '' ? digits : `${digits}.${rest}`
}

function linesOf(tiers: Tiers): readonly PriceLine[] {
  const lower = tiers.get(-1)
  return Array.from(tiers)
    .sort(([one], [other]) => other - one)
    .map(([above, tier]) => {
      const kinds = Array.from(tier, ([kind, { price }]) => [kind, price])
      // A kind that the upper tier does not name costs the same as in the lower tier.
      const below = above === -1 ? [] : Array.from(lower ?? [], ([kind, { price }]) => [kind, price])
      const line = Object.fromEntries([...below, ...kinds]) as PriceLine
      return above === -1 ? line : { aboveInputTokens: above, ...line }
    })
}
