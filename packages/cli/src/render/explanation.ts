import type { ExplainedKey, Explanation } from '@sfpool/core'
import type { Colors } from './colors.js'
import { count } from './count.js'
import { keyName } from './key-name.js'
import { oneLine } from './scrub.js'
import type { Column } from './table.js'
import { span, until } from './time.js'

/** Returns the table columns of an explanation. An arrow marks the key that would serve. */
export function explanationColumns(
  { chosen }: Explanation,
  { paint, now }: { paint: Colors; now: number },
): Column<ExplainedKey>[] {
  return [
    { title: '', cell: ({ id }) => (id === chosen ? '→' : ''), importance: 11, paint: paint.green },
    { title: 'KEY', cell: ({ key }) => key, importance: 10 },
    { title: 'LABEL', cell: ({ label }) => label ?? '', importance: 6, minWidth: 8 },
    {
      title: 'ACCOUNT',
      cell: ({ id, account }) => (account === id ? '' : account),
      importance: 4,
      minWidth: 8,
    },
    {
      title: 'ELIGIBLE',
      cell: ({ eligible }) => (eligible ? 'yes' : 'no'),
      paint: (cell, { eligible }) => (eligible ? paint.green(cell) : paint.yellow(cell)),
      importance: 8,
    },
    { title: 'WHY', cell: ({ why }) => why, importance: 9, minWidth: 12 },
    { title: 'ID', cell: ({ id }) => id, importance: 6.5, paint: (cell) => paint.dim(cell) },
    { title: 'UNTIL', cell: (key) => (key.until === null ? '' : until(key.until, now)), importance: 7 },
  ]
}

/** Summarises an explanation in one line. */
export function conclusionOf({ model, chosen, keys }: Explanation, now: number): string {
  const request = model === '' ? 'a request without a model' : oneLine(model)
  if (keys.length === 0) return 'no keys yet; add one with: sfpool add <key>'
  const eligible = `${keys.filter((key) => key.eligible).length} of ${count(keys.length, 'key')} eligible`
  const next = keys.find(({ id }) => id === chosen)
  if (next !== undefined) return `${keyName(next)} serves ${request} next; ${eligible}`
  if (keys.some((key) => key.eligible)) return `the strategy decides at the next request; ${eligible}`
  const ends = keys.flatMap((key) => (key.until === null ? [] : [Date.parse(key.until)]))
  const hope =
    ends.length === 0 ? '' : `; the first key may be back in ${span(Math.max(Math.min(...ends) - now, 0))}`
  return `no key would serve ${request} now${hope}`
}
