import type { VerdictKind } from '@sfpool/core'
import { withoutControls } from '../../render/scrub.js'
import type { CheckResult } from '../check-result.js'
import type { KeylessLine } from '../key-source.js'
import { verdictText } from './check-table.js'
import { isFailure } from './junit.js'

/** Formats a result as a GitHub workflow command that marks the key's line in the file; undefined for a good key. */
export function annotation(
  result: CheckResult,
  { name, failOn }: { name: string | null; failOn: readonly VerdictKind[] },
): string | undefined {
  const { key, reason, next, verdict, low } = result
  if (verdict === 'valid' && low !== true) return undefined
  const level = isFailure(result, failOn) ? 'error' : 'warning'
  const text = `${key}: ${reason}${next === null ? '' : `\n${next}`}`
  return command(level, { ...placeOf(name, result.line), title: verdictText(result) }, text)
}

export function rejectedAnnotation({ line, reason }: KeylessLine, name: string | null): string {
  return command('error', { ...placeOf(name, line), title: 'no key' }, reason)
}

export function noticeOf(summary: string): string {
  return command('notice', { title: 'sfpool check' }, summary)
}

const placeOf = (name: string | null, line: number | null): Record<string, string> =>
  name === null || name === '-' || line === null ? {} : { file: name, line: String(line) }

function command(level: string, properties: Readonly<Record<string, string>>, text: string): string {
  const written = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`)
  return `::${level} ${written.join(',')}::${escapeData(text)}`
}

const escapeData = (text: string): string =>
  withoutControls(text).replaceAll('%', '%25').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
