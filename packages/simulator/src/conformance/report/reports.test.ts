import { expect, test } from 'vitest'
import { selectCases } from '../present-conformance.js'
import type { ConformanceReport, ConformanceResult } from '../run-conformance.js'
import { escapeXml, toJUnit } from './junit.js'
import { renderReports } from './render-reports.js'
import { toJson } from './to-json.js'
import { totalsByGroup } from './totals.js'

const [first, second, third] = selectCases('keys.token-invalid.')

function result(subject: typeof first, given: Partial<ConformanceResult>): ConformanceResult {
  if (subject === undefined) throw new Error('no such case')
  return { case: subject, verdict: 'pass', seen: 'as expected', problems: [], durationMs: 1250, ...given }
}

const ours: ConformanceReport = {
  target: 'ours',
  durationMs: 4000,
  results: [
    result(first, {}),
    result(second, {
      verdict: 'fail',
      seen: '502 <html> & "more"',
      problems: ['it is no answer', 'a bad key was called 4 times'],
    }),
    result(third, { verdict: 'skip', seen: 'the target has a pool of 2' }),
  ],
}
const theirs: ConformanceReport = {
  ...ours,
  target: 'theirs',
  results: ours.results.map(({ case: subject }) => result(subject, {})),
}

test('the report table shows targets side by side, full failures and totals by group', () => {
  const text = renderReports([ours, theirs])
  const line = text.split('\n').find((each) => each.startsWith('keys.token-invalid.2-1')) ?? ''
  expect(line).toMatch(
    /whole answer; each bad key at most once +FAIL {2}502 <html> & "more" +pass {2}as expected/,
  )
  expect(text).toContain('ours fails 1:\nkeys.token-invalid.2-1\n')
  expect(text).toContain('  problem   a bad key was called 4 times\n')
  expect(text).toContain(`  why       ${second?.why}`)
  expect(text).toMatch(
    /^group +ours +theirs\nkeys +1\/2 \(1 skipped\) +3\/3\nall +1\/2 \(1 skipped\) +3\/3$/m,
  )
})

test('totals count the cases that passed, failed and were skipped', () => {
  expect([...totalsByGroup(ours)]).toEqual([['keys', { passed: 1, failed: 1, skipped: 1 }]])
})

test('JUnit XML has a suite per target and distinguishes failures from skips', () => {
  const xml = toJUnit([ours, theirs])
  expect(xml.match(/<testsuite /g)).toHaveLength(2)
  expect(xml).toContain('<testsuite name="ours" tests="3" failures="1" skipped="1" time="4.000">')
  expect(xml).toContain('<testcase classname="ours.keys" name="keys.token-invalid.2-1" time="1.250">')
  expect(xml).toContain(
    '<failure message="it is no answer; a bad key was called 4 times">expected: whole answer',
  )
  expect(xml).toContain('seen: 502 &lt;html&gt; &amp; &quot;more&quot;')
  expect(xml).toContain('<skipped message="the target has a pool of 2"/>')
})

test('JUnit XML is well-formed whatever text a target sends', () => {
  expect(escapeXml('a\u0000b\u001bc\ud800d]]>\n\t\'"')).toBe(
    'a\ufffdb\ufffdc\ufffdd]]&gt;&#10;\t&apos;&quot;',
  )
})

test('the JSON report contains every result with its expectation and reason', () => {
  expect(toJson([ours])).toMatchObject({
    targets: [
      {
        target: 'ours',
        passed: 1,
        failed: 1,
        skipped: 1,
        results: [
          {},
          {
            id: 'keys.token-invalid.2-1',
            expected: 'whole answer; each bad key at most once',
            verdict: 'fail',
            why: second?.why,
          },
          {},
        ],
      },
    ],
  })
})
