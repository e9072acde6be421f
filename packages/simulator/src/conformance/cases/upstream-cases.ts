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
  { name: 'gateway-timeout-html', why: 'A page of a proxy on the way (504) is no answer of the platform.' },
  { name: 'bad-gateway-html', why: 'A page of a proxy on the way (502) is no answer of the platform.' },
  { name: 'bad-gateway-empty', why: 'An empty 502 says nothing at all, least of all about a key.' },
  {
    name: 'model-busy',
    why: 'A 429 that speaks of a busy system is the platform’s trouble, not an account’s limit.',
  },
]

const refusals = [408, 429, 500, 502, 503, 504]
/** The longest rest that an overload of all keys may lead to. */
const recoveryMs = 6000

/** The platform in trouble: worth another key, never counted against one, and told when it lasts. */
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
        why: `${why} With one key the client is told so, with the status of an error, after few calls.`,
      },
      {
        ...common,
        id: `upstream.${name}.2-1`,
        pool: { keys: 2, bad: 1 },
        question: 'chat',
        expect: { client: ['answer'], calls: [2, 3] },
        why: `${why} Another key is asked before the client hears of it.`,
      },
      {
        ...common,
        id: `upstream.${name}.50-3`,
        pool: { keys: 50, bad: 3 },
        question: 'chat-stream',
        times: 3,
        expect: { client: ['answer'], states: { bad: ['ready', 'cooling'], good: ['ready'] } },
        why: `${why} Three in fifty do not keep a client from its answer.`,
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
      why: 'When all keys meet the same trouble it is the upstream’s: the client is told, and no key is lost for it.',
    }),
  ),
  ...(['chat', 'chat-stream'] as const).flatMap((question) => [hidden(question, 2), hidden(question, 1)]),
]

/** `{code, message}` under the status of a success. */
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
      ? 'An error under 200 is an error: passed on with that status, clients take it for an empty answer.'
      : 'An error under 200 is an error: another key is asked before the client sees it.',
  }
}
