import type { VerdictKind } from '@sfpool/core'
import type { CheckResult } from '../check-result.js'
import type { KeylessLine } from '../key-source.js'
import { verdictText } from './check-table.js'

/** Formats a check as JUnit XML for build servers: one test per key, and one per line without a key. */
export function junitReport(given: {
  /** The name of the checked file; null for the store. */
  readonly name: string | null
  readonly results: readonly CheckResult[]
  readonly rejected: readonly KeylessLine[]
  readonly failOn: readonly VerdictKind[]
  readonly elapsedMs: number
}): string {
  const { name, results, rejected, failOn, elapsedMs } = given
  const suite = name ?? 'store'
  const failed = results.filter((result) => isFailure(result, failOn))
  const errors = failed.filter(({ verdict }) => verdict === 'unknown').length
  const attributes = {
    name: `sfpool check ${suite}`,
    tests: String(results.length + rejected.length),
    failures: String(failed.length - errors + rejected.length),
    errors: String(errors),
    time: (elapsedMs / 1_000).toFixed(3),
  }
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites>`,
    `  <testsuite ${write(attributes)}>`,
    ...results.flatMap((result) => testOf(suite, result, failOn)),
    ...rejected.flatMap((line) => rejectedTestOf(suite, line)),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

/** Whether a result fails the check. */
export const isFailure = ({ verdict, low }: CheckResult, failOn: readonly VerdictKind[]): boolean =>
  low === true || failOn.includes(verdict)

function testOf(suite: string, result: CheckResult, failOn: readonly VerdictKind[]): string[] {
  const { line, key, label, reason, next, verdict } = result
  const place = line === null ? '' : `line ${line}: `
  const name = `${place}${key}${label === null ? '' : ` ${label}`}`
  const head = `    <testcase ${write({ classname: suite, name })}>`
  const words = next === null ? reason : `${reason}\n${next}`
  if (!isFailure(result, failOn))
    return [
      head,
      `      <system-out>${escapeXml(`${verdictText(result)}: ${words}`)}</system-out>`,
      '    </testcase>',
    ]
  const element = verdict === 'unknown' ? 'error' : 'failure'
  const attributes = write({ type: verdict, message: `${verdictText(result)}: ${reason}` })
  return [head, `      <${element} ${attributes}>${escapeXml(words)}</${element}>`, '    </testcase>']
}

function rejectedTestOf(suite: string, { line, reason }: KeylessLine): string[] {
  const attributes = write({ type: 'rejected', message: reason })
  return [
    `    <testcase ${write({ classname: suite, name: `line ${line}` })}>`,
    `      <failure ${attributes}/>`,
    '    </testcase>',
  ]
}

const write = (attributes: Readonly<Record<string, string>>): string =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}="${escapeXml(value)}"`)
    .join(' ')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
}

/** Escapes text for XML. Control characters and lone surrogates are not allowed in XML, so they are replaced. */
function escapeXml(text: string): string {
  return (
    Buffer.from(text)
      .toString()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be replaced
      .replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"'\n]/g, (found) => entities[found] ?? found)
  )
}
