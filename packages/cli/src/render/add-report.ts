import { type AddReport, fingerprint, maskToken } from '@sfpool/core'
import type { KeyLine, RejectedLine } from '../input/key-lines.js'
import type { Colors } from './colors.js'
import { oneLine, scrub } from './scrub.js'

/** What became of one line of the input. */
export type Fate =
  | {
      readonly kind: 'added' | 'duplicate'
      readonly source: string
      readonly line: number
      readonly key: string
    }
  | { readonly kind: 'rejected'; readonly source: string; readonly line: number; readonly reason: string }

/** What became of each line, in the order of the input. */
export function fatesOf(
  keys: readonly KeyLine[],
  report: AddReport,
  rejected: readonly RejectedLine[],
): Fate[] {
  const reasons = new Map(report.rejected.map(({ index, reason }) => [index, reason]))
  const unseen = new Set(report.added.map(({ id }) => id))
  const fates: Fate[] = rejected.map((line) => ({ kind: 'rejected', ...line }))
  keys.forEach(({ source, line, secret }, index) => {
    const reason = reasons.get(index)
    if (reason !== undefined) fates.push({ kind: 'rejected', source, line, reason })
    // A key that comes twice is added once: its first line is the one that did it.
    else
      fates.push({
        kind: unseen.delete(fingerprint(secret)) ? 'added' : 'duplicate',
        source,
        line,
        key: maskToken(secret),
      })
  })
  return fates.sort((one, other) => compareText(one.source, other.source) || one.line - other.line)
}

/** Longer reports show only what was rejected: who adds a thousand keys wants to read of the exceptions. */
const maxLines = 40

export function renderFates(fates: readonly Fate[], paint: Colors): string[] {
  const shown = fates.length <= maxLines ? fates : fates.filter(({ kind }) => kind === 'rejected')
  const width = Math.max(...shown.map((fate) => placeOf(fate).length), 0)
  return shown.map((fate) => {
    const place = placeOf(fate).padEnd(width)
    if (fate.kind === 'rejected') return `${place}  ${paint.red('rejected')}: ${scrub(oneLine(fate.reason))}`
    const word = fate.kind === 'added' ? paint.green('added') : paint.yellow('duplicate')
    return `${place}  ${fate.key}  ${word}`
  })
}

export function summaryOfFates(fates: readonly Fate[]): string {
  const amount = (kind: Fate['kind']): string =>
    `${fates.filter((fate) => fate.kind === kind).length.toLocaleString('en-US')} ${kind}`
  return `${amount('added')}, ${amount('duplicate')}, ${amount('rejected')}`
}

function placeOf({ source, line }: Fate): string {
  return source === 'arguments' ? `argument ${line}` : `line ${line}`
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
