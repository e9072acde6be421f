import { describe, expect, it } from 'vitest'
import { naiveProxy } from '../testing/naive-proxy.js'
import { conformanceCases } from './cases/conformance-cases.js'
import { caseGroups } from './conformance-case.js'
import { selectCases } from './present-conformance.js'
import { type ConformanceResult, runConformance } from './run-conformance.js'
import { directTarget } from './target/direct-target.js'
import { NotApplicableError, type Target } from './target/target.js'

async function run(target: Target, pattern: string): Promise<readonly ConformanceResult[]> {
  const { results } = await runConformance({ target, cases: selectCases(pattern), patienceMs: 1500 })
  return results
}

const idsOf = (results: readonly ConformanceResult[], verdict: ConformanceResult['verdict']): string[] =>
  results.filter((result) => result.verdict === verdict).map((result) => result.case.id)

const problemsOf = (results: readonly ConformanceResult[]): Record<string, readonly string[]> =>
  Object.fromEntries(results.map(({ case: subject, problems }) => [subject.id, problems]))

describe('the cases', () => {
  it('have names of their own, and belong to the group they are named after', () => {
    const ids = conformanceCases.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, group } of conformanceCases) expect(id.startsWith(`${group}.`)).toBe(true)
    expect(new Set(conformanceCases.map(({ group }) => group))).toEqual(new Set(caseGroups))
  })

  it('say in one sentence why they are right', () => {
    for (const { why } of conformanceCases) expect(why).toMatch(/^[A-ZA].{20,}\.$/)
  })

  it('expect something of the client, or let it leave', () => {
    const silent = conformanceCases.filter(
      ({ expect: { client }, client: behaviour = 'stays' }) => client.length === 0 && behaviour === 'stays',
    )
    expect(silent).toEqual([])
  })
})

describe('without any gateway', () => {
  it('everything that nothing is wrong with passes', async () => {
    expect(idsOf(await run(directTarget, 'relay.'), 'fail')).toEqual([])
  })

  it('so do clients that leave, for there is nobody in between', async () => {
    const [unread] = await run(directTarget, 'leaving.not-reading')
    const [held] = await run(directTarget, 'leaving.after-head.1-1')
    expect([unread?.verdict, held?.verdict]).toEqual(['pass', 'pass'])
    expect(held?.closeMs).toBeLessThanOrEqual(50)
    const [queued] = await run(directTarget, 'leaving.queued')
    expect(queued).toMatchObject({ verdict: 'skip', seen: 'the target has no queue' })
  })

  it('what a pool is for fails', async () => {
    const results = await run(directTarget, 'keys.token-invalid.')
    expect(problemsOf(results)).toEqual({
      'keys.token-invalid.1-1': ['a bad key was called 2 times, at most 1 is right'],
      'keys.token-invalid.2-1': ['it is no answer', 'a bad key was called 4 times, at most 1 is right'],
      'keys.token-invalid.50-49': ['it is no answer'],
    })
  })
})

describe('a naive proxy', () => {
  it('that asks one key only fails where another one would have answered', async () => {
    const results = await run(naiveProxy(), 'upstream.internal-error')
    expect(problemsOf(results)).toEqual({
      'upstream.internal-error.1-1': [],
      'upstream.internal-error.2-1': ['it is no answer', 'the upstream was called once, not 2'],
      'upstream.internal-error.50-3': ['it is no answer'],
      'upstream.internal-error.50-50': [],
    })
  })

  it('that asks every key spreads the mistakes of callers over all of them', async () => {
    const results = await run(naiveProxy({ calls: 2 }), 'caller.parameter-invalid.2-2')
    expect(results[0]?.problems).toEqual(['the upstream was called 6 times, at most 3 are right'])
    expect(idsOf(await run(naiveProxy({ calls: 2 }), 'once.refused-key-file'), 'fail')).toEqual([])
  })

  it('that ends broken streams as if they were whole is found out, and only there', async () => {
    const isMild = naiveProxy({ truncation: 'break', leaving: 'follow' })
    const pattern = 'stream.*-after-output.1-1'
    const swallowed = problemsOf(await run(naiveProxy({ leaving: 'follow' }), pattern))
    expect(swallowed).toEqual({
      'stream.reset-after-output.1-1': ['it ends like a whole answer'],
      'stream.close-after-output.1-1': ['it ends like a whole answer'],
      'stream.silence-after-output.1-1': ['it did not end in time'],
      'stream.no-done-after-output.1-1': ['it ends like a whole answer'],
    })
    const told = await run(isMild, 'stream.*e*-after-output.1-1')
    expect(idsOf(told, 'pass')).toEqual(['stream.reset-after-output.1-1', 'stream.close-after-output.1-1'])
  })

  it('that takes half a text for a whole one is found out', async () => {
    const results = await run(naiveProxy(), 'json.*mid-body.1-1')
    expect(problemsOf(results)).toMatchObject({
      'json.reset-mid-body.1-1': ['it is no error'],
      'json.large-reset-mid-body.1-1': ['it ends like a whole answer; it is no error'],
    })
  })

  it('that does not notice leaving clients is found out', async () => {
    const results = await run(naiveProxy(), 'leaving.mid-stream*1-1')
    expect(new Set(results.flatMap(({ problems }) => problems))).toEqual(
      new Set(['the upstream was never closed']),
    )
    expect(idsOf(results, 'fail')).toHaveLength(2)
    expect(idsOf(await run(naiveProxy({ leaving: 'follow' }), 'leaving.mid-stream*1-1'), 'fail')).toEqual([])
  })

  it('that does not hold the upstream back for a client that does not read is found out', async () => {
    const [result] = await run(naiveProxy({ leaving: 'follow' }), 'leaving.not-reading')
    expect(result?.problems).toContain('the upstream was drained for a client that does not read')
  })
})

describe('a run', () => {
  it('skips what a target cannot be put to, with the reason', async () => {
    const cases = selectCases('keys.forbidden')
    const small: Target = { ...directTarget, poolSize: 2 }
    const { results } = await runConformance({ target: small, cases })
    expect(idsOf(results, 'skip')).toEqual(['keys.forbidden.1-1', 'keys.forbidden.50-49'])
    expect(results[0]?.seen).toBe('the target has a pool of 2, not of 1')
    const none: Target = { name: 'none', start: () => Promise.reject(new NotApplicableError('not today')) }
    const skipped = await runConformance({ target: none, cases })
    expect(skipped.results.map(({ verdict, seen }) => [verdict, seen])).toEqual(
      cases.map(() => ['skip', 'not today']),
    )
  })

  it('goes on when a target does not start, and counts that as a failure', async () => {
    const dead: Target = { name: 'dead', start: () => Promise.reject(new Error('no such program')) }
    const [result] = await run(dead, 'relay.json.')
    expect(result).toMatchObject({
      verdict: 'fail',
      seen: 'no such program',
      problems: ['the case could not be played'],
    })
  })
})
