import type { UsageDimension, UsageRow } from '@sfpool/core'
import type { Column } from './table.js'

/** Keys by id, as people know them. A key may be gone by now. */
export type KeyNames = ReadonlyMap<string, { readonly key: string; readonly label: string | null }>

const number = (amount: number): string => (amount === 0 ? '' : amount.toLocaleString('en-US'))

export function usageColumns(names: KeyNames): Column<UsageRow>[] {
  const right = { align: 'right' } as const
  const keyOf = (id: string | undefined): string => {
    if (id === undefined) return ''
    const known = names.get(id)
    return known === undefined ? id : known.label === null ? known.key : `${known.key} (${known.label})`
  }
  return [
    { title: 'DAY', cell: ({ day = '' }) => day, importance: 12 },
    { title: 'KEY', cell: ({ key }) => keyOf(key), importance: 11, minWidth: 12 },
    { title: 'ACCOUNT', cell: ({ account = '' }) => account, importance: 10, minWidth: 10 },
    { title: 'MODEL', cell: ({ model = '' }) => model, importance: 11, minWidth: 14 },
    { title: 'CLIENT', cell: clientOf, importance: 10, minWidth: 8 },
    { title: 'REQUESTS', cell: ({ requests }) => number(requests), importance: 9, ...right },
    {
      title: 'FAILED',
      cell: ({ requests, successes }) => number(requests - successes),
      importance: 5,
      ...right,
    },
    { title: 'TOKENS IN', cell: ({ promptTokens }) => number(promptTokens), importance: 7, ...right },
    {
      title: 'TOKENS OUT',
      cell: ({ completionTokens }) => number(completionTokens),
      importance: 7,
      ...right,
    },
    { title: 'IMAGES', cell: ({ images }) => number(images), importance: 4, ...right },
    { title: 'COST', cell: ({ cost, currency }) => `${cost} ${currency}`, importance: 8, ...right },
    { title: 'UNPRICED', cell: ({ unknownCosts }) => number(unknownCosts), importance: 3, ...right },
  ]
}

const clientOf = ({ client }: UsageRow): string => (client === undefined ? '' : (client ?? '(none)'))

/** The columns of a file: those it is split by, then every sum. */
export function usageCsv(
  by: readonly UsageDimension[],
): readonly { readonly title: string; readonly cell: (row: UsageRow) => string }[] {
  const names = [
    ...by,
    'requests',
    'successes',
    'promptTokens',
    'completionTokens',
    'cachedTokens',
    'reasoningTokens',
    'images',
    'cost',
    'currency',
    'unknownCosts',
  ] as const
  return names.map((title) => ({ title, cell: (row) => String(row[title] ?? '') }))
}
