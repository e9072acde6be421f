import type { VerdictKind } from '@sfpool/core'
import type { Colors } from '../../render/colors.js'
import { balanceText } from '../../render/key-table.js'
import { scrub } from '../../render/scrub.js'
import type { Column } from '../../render/table.js'
import type { CheckResult } from '../check-result.js'

export function checkColumns(paint: Colors): Column<CheckResult>[] {
  return [
    { title: 'LINE', cell: ({ line }) => (line === null ? '' : String(line)), align: 'right', importance: 8 },
    { title: 'KEY', cell: ({ key }) => key, importance: 10 },
    { title: 'LABEL', cell: ({ label }) => label ?? '', importance: 6, minWidth: 8 },
    {
      title: 'VERDICT',
      cell: verdictText,
      paint: (cell, { verdict, low }) => paintVerdict(paint, low === true ? 'exhausted' : verdict)(cell),
      importance: 9,
    },
    {
      title: 'BALANCE',
      cell: ({ balance }) => (balance === null ? '' : balanceText({ balance })),
      align: 'right',
      importance: 5,
    },
    {
      title: 'REASON',
      cell: ({ verdict, low, reason }) => (verdict === 'valid' && low !== true ? '' : scrub(reason)),
      importance: 7,
      minWidth: 20,
    },
  ]
}

/** Returns the verdict with its detail: `restricted: real-name`, `wrong-site: com`. */
export function verdictText({ verdict, restriction, rightSite, cause, low }: CheckResult): string {
  if (low === true) return `${verdict}, low`
  const detail = rightSite ?? (restriction === 'other' ? undefined : restriction) ?? cause
  return detail === undefined ? verdict : `${verdict}: ${detail}`
}

const bad: ReadonlySet<VerdictKind> = new Set(['invalid', 'exhausted', 'disabled', 'wrong-site'])

export function paintVerdict(paint: Colors, verdict: VerdictKind): (text: string) => string {
  if (verdict === 'valid') return paint.green
  return bad.has(verdict) ? paint.red : paint.yellow
}
