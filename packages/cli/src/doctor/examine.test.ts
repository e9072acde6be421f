import { expect, it } from 'vitest'
import { nodeFinding } from './check-environment.js'
import { clockFindings } from './check-upstream.js'
import type { DoctorContext } from './doctor-context.js'
import { type Check, examine } from './examine.js'
import { failure, ok, warning } from './finding.js'

const context = { terminal: { stopping: new AbortController().signal } } as unknown as DoctorContext
const fine: Check = async () => [ok('fine', 'all is well')]

it('a report is ok while no finding is an error', async () => {
  const uneasy: Check = async () => [warning('uneasy', 'hm', 'look')]
  const broken: Check = async () => [failure('broken', 'oh', 'mend it')]
  expect((await examine(context, { checks: { fine, uneasy } })).ok).toBe(true)
  expect(await examine(context, { checks: { broken, fine } })).toEqual({
    ok: false,
    findings: [
      { id: 'broken', level: 'error', message: 'oh', mend: 'mend it' },
      { id: 'fine', level: 'ok', message: 'all is well', mend: null },
    ],
  })
})

it('a check that never ends is a warning, its signal fires, and the others report', async () => {
  let isAborted = false
  const endless: Check = (_, signal) =>
    new Promise(() => {
      signal.addEventListener('abort', () => {
        isAborted = true
      })
    })
  const { findings } = await examine(context, { checks: { endless, fine }, limitMs: 1 })
  expect(findings.map(({ id, level }) => [id, level])).toEqual([
    ['endless', 'warn'],
    ['fine', 'ok'],
  ])
  expect(isAborted).toBe(true)
})

it('a check that throws is an error of its name, without the secrets of its message', async () => {
  const thrown: Check = async () => {
    throw new Error('cannot use http://me:hush@proxy.example with sk-abcdefghijklmnopqrstuvwxyz')
  }
  const [finding] = (await examine(context, { checks: { thrown } })).findings
  expect(finding).toMatchObject({ id: 'thrown', level: 'error' })
  expect(finding?.message).toBe('cannot use http://…@proxy.example with sk-ab…wxyz')
})

it.each([
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
  ['20.18.3', 'error'],
  ['18.20.0', 'error'],
])('Node.js %s is %s', (version, level) => {
  expect(nodeFinding(version).level).toBe(level)
})

it.each([
  [0, 'ok', 'agrees'],
  [59_000, 'ok', 'agrees'],
  [90_000, 'warn', '90 s ahead of'],
  [-3_600_000, 'warn', '3600 s behind'],
])('a clock that is %i ms ahead of the upstream is %s', (aheadMs, level, words) => {
  const answer = { status: 401, latencyMs: 0, date: 'Tue, 01 Dec 2026 10:00:00 GMT' }
  const [finding] = clockFindings(answer, Date.parse(answer.date) + aheadMs)
  expect(finding).toMatchObject({ id: 'clock', level, message: expect.stringContaining(words) })
})

it.each([undefined, 'yesterday'])('an answer with the date %j says nothing of the clock', (date) => {
  expect(clockFindings({ status: 200, latencyMs: 0, date }, 0)).toEqual([])
})
