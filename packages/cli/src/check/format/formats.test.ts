import { describe, expect, it } from 'vitest'
import { colorsFor } from '../../render/colors.js'
import { oneLine, scrub } from '../../render/scrub.js'
import type { CheckResult } from '../check-result.js'
import { verdictText } from './check-table.js'
import { csvHeading, csvLine } from './csv.js'
import { annotation, noticeOf, rejectedAnnotation } from './github.js'
import { junitReport } from './junit.js'
import { NextSteps } from './next-steps.js'

const valid: CheckResult = {
  line: 2,
  id: 'key_0123456789abcdef',
  key: 'sk-fa…good',
  label: null,
  site: 'cn',
  verdict: 'valid',
  reason: 'accepted by the upstream',
  next: null,
  balance: { amount: '12.50', currency: 'CNY', source: 'known', at: null },
}
const invalid: CheckResult = {
  ...valid,
  line: 3,
  key: 'sk-fa…dbad',
  verdict: 'invalid',
  reason: 'HTTP 401: "Token", invalid <100%>\nsecond line',
  next: 'Remove the key.',
  balance: null,
}
const restricted: CheckResult = {
  ...invalid,
  line: 4,
  verdict: 'restricted',
  restriction: 'real-name',
  reason: 'HTTP 403',
}
const failOn = ['invalid', 'unknown'] as const

describe('verdictText', () => {
  it.each([
    [valid, 'valid'],
    [{ ...valid, low: true as const }, 'valid, low'],
    [restricted, 'restricted: real-name'],
    [{ ...restricted, restriction: 'other' as const }, 'restricted'],
    [{ ...valid, verdict: 'wrong-site' as const, rightSite: 'com' }, 'wrong-site: com'],
    [{ ...valid, verdict: 'unknown' as const, cause: 'network' as const }, 'unknown: network'],
  ])('a verdict is shown with its detail (case %#)', (result, words) => {
    expect(verdictText(result)).toBe(words)
  })
})

/** What an upstream may send to move the cursor, recolour the terminal, or turn the direction of writing. */
const hostile = 'a\u001b[31mb\u0007c\u009bd\u202ee\u200bf\u0000g\u2028h'
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds control characters
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u202e]/

describe('what an upstream says', () => {
  it('holds no control characters in CSV, in annotations and in tables', () => {
    const result = { ...invalid, reason: hostile, label: hostile }
    const texts = [
      csvLine(result),
      annotation(result, { name: 'keys.txt', failOn }) ?? '',
      rejectedAnnotation({ line: 1, reason: hostile }, 'keys.txt'),
      scrub(hostile),
      oneLine(hostile),
    ]
    for (const text of texts) {
      expect(text).not.toMatch(unseen)
      expect(text).toContain('a [31mb c d e f g h')
    }
  })

  it('keeps the lines of a text of several lines, however they end', () => {
    expect(scrub('one\r\ntwo\rthree\tfour')).toBe('one\ntwo\nthree\tfour')
  })
})

describe('CSV', () => {
  it('CSV has a column for every field and quotes where needed', () => {
    expect(csvHeading).toBe('line,id,key,label,site,verdict,detail,reason,next,balance,currency,source')
    expect(csvLine(valid)).toBe(
      '2,key_0123456789abcdef,sk-fa…good,,cn,valid,,accepted by the upstream,,12.50,CNY,known',
    )
    expect(csvLine(invalid)).toContain(
      ',"HTTP 401: ""Token"", invalid <100%>\nsecond line",Remove the key.,,,',
    )
  })

  it('CSV contains nothing that a spreadsheet would run as a formula, and keeps negative amounts', () => {
    const label = '=HYPERLINK("http://127.0.0.1")'
    expect(csvLine({ ...valid, label })).toContain(`,"'=HYPERLINK(""http://127.0.0.1"")",`)
    expect(csvLine({ ...valid, label: '-2+3' })).toContain(",'-2+3,")
    const balance = { amount: '-0.01', currency: 'CNY', source: 'known' as const, at: null }
    expect(csvLine({ ...valid, balance })).toContain(',-0.01,CNY')
  })
})

describe('GitHub annotations', () => {
  it('a GitHub annotation marks the line of every bad key, as an error if the key fails the check', () => {
    const options = { name: 'my,keys.txt', failOn }
    expect(annotation(valid, options)).toBeUndefined()
    expect(annotation(invalid, options)).toBe(
      '::error file=my%2Ckeys.txt,line=3,title=invalid::sk-fa…dbad: HTTP 401: "Token", invalid <100%25>%0Asecond line%0ARemove the key.',
    )
    expect(annotation(restricted, options)).toMatch(
      /^::warning file=.*,line=4,title=restricted%3A real-name::/,
    )
    expect(annotation({ ...valid, low: true }, options)).toMatch(/^::error /)
  })

  it('a GitHub annotation names no file for keys of the store or of standard input', () => {
    expect(annotation(invalid, { name: '-', failOn })).toMatch(/^::error title=invalid::/)
    expect(annotation({ ...invalid, line: null }, { name: null, failOn })).toMatch(/^::error title=/)
  })

  it('GitHub annotations report lines without a key and the summary', () => {
    expect(rejectedAnnotation({ line: 9, reason: '"oo…" is not a key' }, 'keys.txt')).toBe(
      '::error file=keys.txt,line=9,title=no key::"oo…" is not a key',
    )
    expect(noticeOf('7 keys: 7 valid')).toBe('::notice title=sfpool check::7 keys: 7 valid')
  })
})

describe('JUnit', () => {
  const unknown: CheckResult = {
    ...invalid,
    line: 5,
    verdict: 'unknown',
    cause: 'network',
    reason: 'timeout',
  }
  const report = junitReport({
    name: 'keys.txt',
    results: [valid, invalid, restricted, unknown],
    rejected: [{ line: 9, reason: '"oo…" is not a key' }],
    failOn,
    elapsedMs: 1_234,
  })

  it('JUnit XML counts tests, failures and errors', () => {
    expect(report).toContain(
      '<testsuite name="sfpool check keys.txt" tests="5" failures="2" errors="1" time="1.234">',
    )
    expect(report.match(/<testcase /g)).toHaveLength(5)
    expect(report.match(/<failure /g)).toHaveLength(2)
    expect(report.match(/<error /g)).toHaveLength(1)
  })

  it('JUnit XML is well-formed whatever text the upstream sends', () => {
    expect(report).toContain(
      'message="invalid: HTTP 401: &quot;Token&quot;, invalid &lt;100%&gt;&#10;second line"',
    )
    const noisy = { ...invalid, reason: 'a\u0000b\u001bc\ud800' }
    const written = junitReport({ name: null, results: [noisy], rejected: [], failOn, elapsedMs: 0 })
    expect(written).toContain('a\ufffdb\ufffdc\ufffd')
  })
})

it('each advice is printed once with the number of its keys, in the order of the verdicts', () => {
  const steps = new NextSteps()
  for (const result of [restricted, invalid, valid, restricted]) steps.add(result)
  const plain = colorsFor({ asked: false, isTTY: false, environment: {} })
  expect(steps.lines(plain, undefined)).toEqual([
    '1 invalid                Remove the key.',
    '2 restricted: real-name  Remove the key.',
  ])
})
