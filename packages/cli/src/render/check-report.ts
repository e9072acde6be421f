import type { BalanceView, VerdictKind } from '@sfpool/core'
import type { RejectedLine } from '../input/key-lines.js'
import type { Colors } from './colors.js'
import { balanceText } from './key-table.js'
import { scrub } from './scrub.js'
import type { Column } from './table.js'

/** What a check found out about one key. */
export interface CheckResult {
  /** Where the key stood in the file; null for keys of the store. */
  readonly line: number | null
  /** The store's id; null for keys of a file. */
  readonly id: string | null
  /** Masked. */
  readonly key: string
  readonly label: string | null
  readonly verdict: VerdictKind
  /** The evidence, in words. */
  readonly reason: string
  readonly balance: BalanceView | null
}

export type CheckSummary = Readonly<Record<VerdictKind | 'total' | 'duplicates' | 'rejected', number>>

export function summaryOf(
  results: readonly Pick<CheckResult, 'verdict'>[],
  { duplicates, rejected }: { duplicates: number; rejected: number },
): CheckSummary {
  const amount = (name: VerdictKind): number => results.filter(({ verdict }) => verdict === name).length
  return {
    total: results.length,
    valid: amount('valid'),
    invalid: amount('invalid'),
    exhausted: amount('exhausted'),
    restricted: amount('restricted'),
    disabled: amount('disabled'),
    'wrong-site': amount('wrong-site'),
    limited: amount('limited'),
    unknown: amount('unknown'),
    duplicates,
    rejected,
  }
}

/** The shape of `check --json`. */
export interface CheckJson {
  readonly summary: CheckSummary
  readonly results: readonly CheckResult[]
  readonly rejected: readonly Pick<RejectedLine, 'line' | 'reason'>[]
}

export function checkJson(
  summary: CheckSummary,
  results: readonly CheckResult[],
  rejected: readonly RejectedLine[],
): CheckJson {
  return { summary, results, rejected: rejected.map(({ line, reason }) => ({ line, reason })) }
}

export function verdictColumns(paint: Colors): Column<CheckResult>[] {
  return [
    { title: 'LINE', cell: ({ line }) => (line === null ? '' : String(line)), align: 'right', importance: 8 },
    { title: 'KEY', cell: ({ key }) => key, importance: 10 },
    { title: 'LABEL', cell: ({ label }) => label ?? '', importance: 6, minWidth: 8 },
    {
      title: 'VERDICT',
      cell: ({ verdict }) => verdict,
      paint: (cell, { verdict }) => paintVerdict(paint, verdict)(cell),
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
      cell: ({ verdict, reason }) => (verdict === 'valid' ? '' : scrub(reason)),
      importance: 7,
      minWidth: 20,
    },
  ]
}

function paintVerdict(paint: Colors, verdict: VerdictKind): (text: string) => string {
  if (verdict === 'valid') return paint.green
  return verdict === 'invalid' ||
    verdict === 'exhausted' ||
    verdict === 'disabled' ||
    verdict === 'wrong-site'
    ? paint.red
    : paint.yellow
}
