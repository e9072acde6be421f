import type { ModelPrice, PriceLine, PriceList } from '@sfpool/core'
import { plainAmount } from '../prices/price-changes.js'
import type { Column } from './table.js'

/** A price of a model. A model has several when its price depends on a condition. */
export interface PriceRow {
  readonly model: string
  readonly line: 'free' | PriceLine
}

/** The prices of one site, in the order of the list. */
export interface SiteRows {
  readonly site: string
  readonly currency: string
  readonly rows: readonly PriceRow[]
}

/** Groups the prices that `isShown` accepts by site. Sites without prices are left out. */
export function pricesBySite(
  list: PriceList,
  isShown: (model: string, site: string, price: ModelPrice) => boolean,
): SiteRows[] {
  return Object.entries(list.sites)
    .map(([site, { currency, models }]) => {
      const shown = Object.entries(models).filter(([model, price]) => isShown(model, site, price))
      const rows = shown.flatMap(([model, price]) => [price].flat().map((line) => ({ model, line })))
      return { site, currency, rows }
    })
    .filter(({ rows }) => rows.length > 0)
}

export const priceColumns: readonly Column<PriceRow>[] = [
  { title: 'MODEL', cell: ({ model }) => model, importance: 10, minWidth: 30 },
  { title: 'WHEN', cell: ({ line }) => condition(line), importance: 9 },
  {
    title: 'INPUT',
    cell: ({ line }) => (line === 'free' ? 'free' : plain(line.input)),
    align: 'right',
    importance: 9.5,
  },
  {
    title: 'CACHED',
    cell: ({ line }) => (line === 'free' ? '' : plain(line.cachedInput ?? line.input)),
    align: 'right',
    importance: 7,
  },
  {
    title: 'OUTPUT',
    cell: ({ line }) => (line === 'free' ? '' : plain(line.output)),
    align: 'right',
    importance: 9.5,
  },
  {
    title: 'REASONING',
    cell: ({ line }) => (line === 'free' ? '' : plain(line.reasoning)),
    align: 'right',
    importance: 4,
  },
  { title: 'OTHER', cell: ({ line }) => others(line), importance: 8, minWidth: 10 },
]

const plain = (amount: string | undefined): string => (amount === undefined ? '' : plainAmount(amount))

function condition(line: PriceRow['line']): string {
  if (line === 'free') return ''
  const { hours, aboveInputTokens } = line
  const parts = [
    hours === undefined ? '' : hours.join('-'),
    aboveInputTokens === undefined ? '' : `>${aboveInputTokens} tokens`,
  ]
  return parts.filter((part) => part !== '').join(' ')
}

const units: Readonly<Partial<Record<keyof PriceLine, string>>> = {
  image: 'image',
  video: 'video',
  speech: '1000 bytes of speech',
  audioSecond: 'second of audio',
  audioMinute: 'minute of audio',
}

function others(line: PriceRow['line']): string {
  if (line === 'free') return ''
  return Object.entries(units)
    .flatMap(([kind, unit]) => {
      const amount = line[kind as keyof PriceLine]
      return typeof amount === 'string' ? [`${plainAmount(amount)}/${unit}`] : []
    })
    .join(', ')
}
