import { type ErrorName, errorSamples } from '../../errors/error-samples.js'
import type { ConformanceCase, QuestionName } from '../conformance-case.js'

interface UpstreamErrorCase {
  name: ErrorName
  why: string
}

const errorCases: readonly UpstreamErrorCase[] = [
  { name: 'internal-error', why: 'A 500 says nothing about a key.' },
  { name: 'overloaded-classic', why: 'An overloaded model (503, 50505) may answer the next call.' },
  { name: 'overloaded', why: 'A busy system (503, 50508) may answer the next call.' },
  { name: 'gateway-timeout-html', why: 'An HTML page of a proxy (504) is not an answer of the platform.' },
  { name: 'bad-gateway-html', why: 'An HTML page of a proxy (502) is not an answer of the platform.' },
  { name: 'bad-gateway-empty', why: 'An empty 502 says nothing about a key.' },
  {
    name: 'model-busy',
    why: 'A 429 about a busy system is a failure of the platform, not the limit of an account.',
  },
]

const refusals = [408, 429, 500, 502, 503, 504]
/** The longest cooldown that an overload of all keys may cause. */
const recoveryMs = 6000

/** Failures of the platform: another key is tried, no key is blamed, and the client gets an error when they last. */
export const upstreamCases: readonly ConformanceCase[] = [
  ...errorCases.flatMap(({ name, why }): ConformanceCase[] => {
    const common = { group: 'upstream', faults: [{ fault: { kind: 'error', name } }] } as const
    return [
      {
        ...common,
        id: `upstream.${name}.1-1`,
        pool: { keys: 1, bad: 1 },
        question: 'chat-stream',
        expect: { client: ['refusal'], status: refusals, calls: [1, 3] },
        why: `${why} With one key the client gets an error status after few calls.`,
      },
      {
        ...common,
        id: `upstream.${name}.2-1`,
        pool: { keys: 2, bad: 1 },
        question: 'chat',
        expect: { client: ['answer'], calls: [2, 3] },
        why: `${why} Another key is tried before the client notices.`,
      },
      {
        ...common,
        id: `upstream.${name}.50-3`,
        pool: { keys: 50, bad: 3 },
        question: 'chat-stream',
        times: 3,
        expect: { client: ['answer'], states: { bad: ['ready', 'cooling'], good: ['ready'] } },
        why: `${why} Three bad keys of fifty do not keep a client from its answer.`,
      },
    ]
  }),
  ...(['overloaded', 'internal-error'] as const).map(
    (name): ConformanceCase => ({
      id: `upstream.${name}.50-50`,
      group: 'upstream',
      pool: { keys: 50, bad: 50 },
      question: 'chat',
      faults: [{ fault: { kind: 'error', name } }],
      expect: {
        client: ['refusal'],
        status: [errorSamples[name].status, 502, 503],
        callsPerBadKey: 1,
        recoversWithinMs: recoveryMs,
      },
      why: 'When all keys meet the same failure, the upstream is the cause: the client gets an error, and no key is lost.',
    }),
  ),
  ...(['chat', 'chat-stream'] as const).flatMap((question) => [hidden(question, 2), hidden(question, 1)]),
]

/** Makes a case with an error body, `{code, message}`, under a success status. */
function hidden(question: QuestionName, keys: 1 | 2): ConformanceCase {
  const isAlone = keys === 1
  return {
    id: `upstream.hidden-in-200-${question}.${keys}-1`,
    group: 'upstream',
    pool: { keys, bad: 1 },
    question,
    faults: [{ fault: { kind: 'error', name: 'overloaded', status: 200 } }],
    expect: isAlone
      ? { client: ['refusal'], status: refusals, calls: [1, 3] }
      : { client: ['answer'], calls: [2, 3] },
    why: isAlone
      ? 'An error with status 200 is an error: passed on with that status, clients take it for an empty answer.'
      : 'An error with status 200 is an error: another key is tried before the client sees it.',
  }
}
