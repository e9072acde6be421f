import type { ConformanceReport, ConformanceResult } from '../run-conformance.js'
import { describeExpectation } from './describe-expectation.js'
import { totalsOf } from './totals.js'

/** Formats the reports as JUnit XML, with one suite per target. */
export function toJUnit(reports: readonly ConformanceReport[]): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...reports.map(suite),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite({ target, results, durationMs }: ConformanceReport): string {
  const { failed, skipped } = totalsOf(results)
  const attributes = {
    name: target,
    tests: String(results.length),
    failures: String(failed),
    skipped: String(skipped),
    time: seconds(durationMs),
  }
  return [
    `  <testsuite ${write(attributes)}>`,
    ...results.map((result) => testcase(target, result)),
    '  </testsuite>',
  ].join('\n')
}

function testcase(target: string, result: ConformanceResult): string {
  const { case: subject, durationMs } = result
  const attributes = {
    classname: `${target}.${subject.group}`,
    name: subject.id,
    time: seconds(durationMs),
  }
  return [`    <testcase ${write(attributes)}>`, ...body(result), '    </testcase>'].join('\n')
}

function body({ verdict, seen, problems, case: subject }: ConformanceResult): string[] {
  if (verdict === 'skip') return [`      <skipped ${write({ message: seen })}/>`]
  const said = `      <system-out>${escapeXml(seen)}</system-out>`
  if (verdict === 'pass') return [said]
  const text = `expected: ${describeExpectation(subject)}\nseen: ${seen}\nwhy: ${subject.why}`
  return [`      <failure ${write({ message: problems.join('; ') })}>${escapeXml(text)}</failure>`, said]
}

function write(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${escapeXml(value)}"`)
    .join(' ')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
}

/** Escapes text for XML. Control characters and lone surrogates are not allowed in XML, so they are replaced. */
export function escapeXml(text: string): string {
  return (
    Buffer.from(text)
      .toString()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be replaced
      .replace(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, '\ufffd')
      .replace(/[&<>"'\n]/g, (found) => entities[found] ?? found)
  )
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
