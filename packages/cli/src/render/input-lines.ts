import { type AddReport, fingerprint, maskToken } from '@sfpool/core'
import type { KeyLine, RejectedLine } from '../input/key-lines.js'
import type { Colors } from './colors.js'
import { oneLine, scrub } from './scrub.js'

/** A line of the input and what happened to it. */
export type InputLine =
  | {
      readonly kind: 'added' | 'duplicate'
      readonly source: string
      readonly line: number
      readonly key: string
    }
  | { readonly kind: 'rejected'; readonly source: string; readonly line: number; readonly reason: string }

/** Returns what happened to each line, in the order of the input. */
export function inputLinesOf(
  keys: readonly KeyLine[],
  report: AddReport,
  rejected: readonly RejectedLine[],
): InputLine[] {
  const reasons = new Map(report.rejected.map(({ index, reason }) => [index, reason]))
  const unseen = new Set(report.added.map(({ id }) => id))
  const inputLines: InputLine[] = rejected.map((line) => ({ kind: 'rejected', ...line }))
  keys.forEach(({ source, line, secret }, index) => {
    const reason = reasons.get(index)
    if (reason !== undefined) inputLines.push({ kind: 'rejected', source, line, reason })
    // A repeated key is added once, by its first line.
    else
      inputLines.push({
        kind: unseen.delete(fingerprint(secret)) ? 'added' : 'duplicate',
        source,
        line,
        key: maskToken(secret),
      })
  })
  return inputLines.sort((one, other) => compareText(one.source, other.source) || one.line - other.line)
}

/** Longer reports list only rejected lines: among a thousand added keys, only the exceptions matter. */
const maxLines = 40

export function renderInputLines(inputLines: readonly InputLine[], paint: Colors): string[] {
  const shown =
    inputLines.length <= maxLines ? inputLines : inputLines.filter(({ kind }) => kind === 'rejected')
  const width = Math.max(...shown.map((inputLine) => placeOf(inputLine).length), 0)
  return shown.map((inputLine) => {
    const place = placeOf(inputLine).padEnd(width)
    if (inputLine.kind === 'rejected')
      return `${place}  ${paint.red('rejected')}: ${scrub(oneLine(inputLine.reason))}`
    const word = inputLine.kind === 'added' ? paint.green('added') : paint.yellow('duplicate')
    return `${place}  ${inputLine.key}  ${word}`
  })
}

export function summariseInputLines(inputLines: readonly InputLine[]): string {
  const amount = (kind: InputLine['kind']): string =>
    `${inputLines.filter((inputLine) => inputLine.kind === kind).length.toLocaleString('en-US')} ${kind}`
  return `${amount('added')}, ${amount('duplicate')}, ${amount('rejected')}`
}

function placeOf({ source, line }: InputLine): string {
  return source === 'arguments' ? `argument ${line}` : `line ${line}`
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
