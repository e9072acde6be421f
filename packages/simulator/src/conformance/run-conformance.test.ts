import { describe, expect, it } from 'vitest'
import { naiveProxy } from '../testing/naive-proxy.js'
import { conformanceCases } from './cases/conformance-cases.js'
import { caseGroups } from './conformance-case.js'
import { selectCases } from './present-conformance.js'
import { type ConformanceResult, runConformance } from './run-conformance.js'
import { directTarget } from './target/direct-target.js'
import { NotApplicableError, type Target } from './target/target.js'

/** Only an answer that never ends exhausts this patience: a busy machine is slow, not wrong. */
const patienceMs = 60_000

async function run(
  target: Target,
  pattern: string,
  patience = patienceMs,
): Promise<readonly ConformanceResult[]> {
  const { results } = await runConformance({ target, cases: selectCases(pattern), patienceMs: patience })
  return results
}

/** Runs the cases of streams that break off behind output. One of them falls silent, and never ends by itself. */
async function runBroken(target: Target): Promise<readonly ConformanceResult[]> {
  const ending = await Promise.all(
    ['reset', 'close', 'no-done'].map((fault) => run(target, `stream.${fault}-after-output.1-1`)),
  )
  return [...ending.flat(), ...(await run(target, 'stream.silence-after-output.1-1', 1_000))]
}

const idsOf = (results: readonly ConformanceResult[], verdict: ConformanceResult['verdict']): string[] =>
  results.filter((result) => result.verdict === verdict).map((result) => result.case.id)

const problemsOf = (results: readonly ConformanceResult[]): Record<string, readonly string[]> =>
  Object.fromEntries(results.map(({ case: subject, problems }) => [subject.id, problems]))

describe('conformanceCases', () => {
  it('conformance cases have unique ids that begin with their group', () => {
    const ids = conformanceCases.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { id, group } of conformanceCases) expect(id.startsWith(`${group}.`)).toBe(true)
    expect(new Set(conformanceCases.map(({ group }) => group))).toEqual(new Set(caseGroups))
  })

  it('conformance cases give their reason in one sentence', () => {
    for (const { why } of conformanceCases) expect(why).toMatch(/^[A-ZA].{20,}\.$/)
  })

  it('conformance cases have an expectation of the client, or let it leave', () => {
    const silent = conformanceCases.filter(
      ({ expect: { client }, client: behaviour = 'stays' }) => client.length === 0 && behaviour === 'stays',
    )
    expect(silent).toEqual([])
  })
})

/** A verdict about a closed connection takes real time, and a process that gets none for seconds fails it. */
const onBusyMachines = { retry: 4 }

describe.concurrent('without any gateway', onBusyMachines, () => {
  it('without a gateway, the cases without a fault pass', async () => {
    expect(idsOf(await run(directTarget, 'relay.'), 'fail')).toEqual([])
  })

  it('without a gateway, the cases of leaving clients pass, except the one that needs a queue', async () => {
    const [unread] = await run(directTarget, 'leaving.not-reading')
    const [held] = await run(directTarget, 'leaving.after-head.1-1')
    expect([unread?.verdict, held?.verdict]).toEqual(['pass', 'pass'])
    expect(held?.closeMs).toBeLessThanOrEqual(50)
    const [queued] = await run(directTarget, 'leaving.queued')
    expect(queued).toMatchObject({ verdict: 'skip', seen: 'the target has no queue' })
  })

  it('without a gateway, the cases that need a pool fail', async () => {
    const results = await run(directTarget, 'keys.token-invalid.')
    expect(problemsOf(results)).toEqual({
      'keys.token-invalid.1-1': ['a bad key was called 2 times, at most 1 is right'],
      'keys.token-invalid.2-1': ['it is not an answer', 'a bad key was called 4 times, at most 1 is right'],
      'keys.token-invalid.50-49': ['it is not an answer'],
    })
  })
})

describe.concurrent('a naive proxy', onBusyMachines, () => {
  it('a proxy that tries only one key fails where another key would have answered', async () => {
    const results = await run(naiveProxy(), 'upstream.internal-error')
    expect(problemsOf(results)).toEqual({
      'upstream.internal-error.1-1': [],
      'upstream.internal-error.2-1': ['it is not an answer', 'the upstream was called once, not 2'],
      'upstream.internal-error.50-3': ['it is not an answer'],
      'upstream.internal-error.50-50': [],
    })
  })

  it('a proxy that tries every key fails the cases about mistakes of callers', async () => {
    const results = await run(naiveProxy({ calls: 2 }), 'caller.parameter-invalid.2-2')
    expect(results[0]?.problems).toEqual(['the upstream was called 6 times, at most 3 are right'])
    expect(idsOf(await run(naiveProxy({ calls: 2 }), 'once.refused-key-file'), 'fail')).toEqual([])
  })

  it('a proxy that ends broken streams as if they were whole fails exactly these cases', async () => {
    const isMild = naiveProxy({ truncation: 'break', leaving: 'follow' })
    const swallowed = problemsOf(await runBroken(naiveProxy({ leaving: 'follow' })))
    expect(swallowed).toEqual({
      'stream.reset-after-output.1-1': ['it ends like a whole answer'],
      'stream.close-after-output.1-1': ['it ends like a whole answer'],
      'stream.silence-after-output.1-1': ['it did not end in time'],
      'stream.no-done-after-output.1-1': ['it ends like a whole answer'],
    })
    const results = await runBroken(isMild)
    expect(idsOf(results, 'pass')).toEqual(['stream.reset-after-output.1-1', 'stream.close-after-output.1-1'])
  })

  it('a proxy that takes half a JSON text for a whole one fails these cases', async () => {
    const results = await run(naiveProxy(), 'json.*reset-mid-body.1-1')
    expect(problemsOf(results)).toMatchObject({
      'json.reset-mid-body.1-1': ['it is not an error'],
      'json.large-reset-mid-body.1-1': ['it ends like a whole answer; it is not an error'],
    })
  })

  it('a proxy that does not notice leaving clients fails these cases', async () => {
    const results = await run(naiveProxy(), 'leaving.mid-stream*1-1')
    expect(new Set(results.flatMap(({ problems }) => problems))).toEqual(
      new Set(['the upstream was never closed']),
    )
    expect(idsOf(results, 'fail')).toHaveLength(2)
    expect(idsOf(await run(naiveProxy({ leaving: 'follow' }), 'leaving.mid-stream*1-1'), 'fail')).toEqual([])
  })

  it('a proxy that does not slow the upstream down for a client that does not read fails this case', async () => {
    const [result] = await run(naiveProxy({ leaving: 'follow' }), 'leaving.not-reading')
    expect(result?.problems).toContain('the upstream was drained for a client that does not read')
  })
})

describe('a run', () => {
  it('runConformance skips cases that a target does not support, with the reason', async () => {
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

  it('runConformance continues when a target does not start, and counts a failure', async () => {
    const dead: Target = { name: 'dead', start: () => Promise.reject(new Error('no such program')) }
    const [result] = await run(dead, 'relay.json.')
    expect(result).toMatchObject({
      verdict: 'fail',
      seen: 'no such program',
      problems: ['the case could not be run'],
    })
  })
})
