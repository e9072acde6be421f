import { type AddReport, fingerprint, maskToken } from '@sfpool/core'
import type { KeyLine, RejectedLine } from '../input/key-lines.js'
import type { Colors } from './colors.js'
import { oneLine, scrub } from './scrub.js'

/** A line of the input and what happened to it. */
export type InputLine =
  | {
      readonly kind: 'added' | 'duplicate' | 'updated'
      readonly source: string
      readonly line: number
      readonly key: string
    }
  | { readonly kind: 'rejected'; readonly source: string; readonly line: number; readonly reason: string }

/** Returns what happened to each line, in the order of the input. */
export function inputLinesOf(
  keys: readonly KeyLine[],
  report: AddReport & { readonly updated: ReadonlySet<string> },
  rejected: readonly RejectedLine[],
): InputLine[] {
  const reasons = new Map(report.rejected.map(({ index, reason }) => [index, reason]))
  const unseen = new Set(report.added.map(({ id }) => id))
  const unchanged = new Set(report.updated)
  const kindOf = (id: string): 'added' | 'updated' | 'duplicate' => {
    if (unseen.delete(id)) return 'added'
    return unchanged.delete(id) ? 'updated' : 'duplicate'
  }
  const inputLines: InputLine[] = rejected.map((line) => ({ kind: 'rejected', ...line }))
  keys.forEach(({ source, line, secret }, index) => {
    const reason = reasons.get(index)
    if (reason !== undefined) inputLines.push({ kind: 'rejected', source, line, reason })
    // A repeated key is added or updated once, by its first line.
    else inputLines.push({ kind: kindOf(fingerprint(secret)), source, line, key: maskToken(secret) })
  })
  return inputLines.sort((one, other) => compareText(one.source, other.source) || one.line - other.line)
}

/** Longer reports list only rejected lines: among a thousand added keys, only the exceptions matter. */
const maxLines = 40

export function renderInputLines(inputLines: readonly InputLine[], paint: Colors): string[] {
  const rejected = inputLines.filter(({ kind }) => kind === 'rejected')
  const shown = inputLines.length <= maxLines ? inputLines : rejected.slice(0, maxLines)
  const width = shown.reduce((most, inputLine) => Math.max(most, placeOf(inputLine).length), 0)
  const lines = shown.map((inputLine) => {
    const place = placeOf(inputLine).padEnd(width)
    if (inputLine.kind === 'rejected')
      return `${place}  ${paint.red('rejected')}: ${scrub(oneLine(inputLine.reason))}`
    const word = inputLine.kind === 'duplicate' ? paint.yellow('duplicate') : paint.green(inputLine.kind)
    return `${place}  ${inputLine.key}  ${word}`
  })
  const hidden = inputLines.length <= maxLines ? 0 : rejected.length - shown.length
  return hidden === 0 ? lines : [...lines, `and ${hidden.toLocaleString('en-US')} more rejected`]
}

export function summariseInputLines(inputLines: readonly InputLine[]): string {
  const amount = (kind: InputLine['kind']): string =>
    `${inputLines.filter((inputLine) => inputLine.kind === kind).length.toLocaleString('en-US')} ${kind}`
  const updated = amount('updated')
  const known = updated.startsWith('0 ') ? amount('duplicate') : `${updated}, ${amount('duplicate')}`
  return `${amount('added')}, ${known}, ${amount('rejected')}`
}

function placeOf({ source, line }: InputLine): string {
  return source === 'arguments' ? `argument ${line}` : `line ${line}`
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
