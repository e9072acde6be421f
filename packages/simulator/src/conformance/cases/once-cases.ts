import type { Fault } from '../../faults/fault.js'
import type { ConformanceCase, QuestionName } from '../conformance-case.js'

const refusals = [408, 500, 502, 503, 504]

interface Loss {
  name: string
  fault: Fault
  what: string
}

const losses: readonly Loss[] = [
  {
    name: 'reset-after-run',
    fault: { kind: 'reset', at: 'before-headers', executed: true },
    what: 'whose connection was reset',
  },
  {
    name: 'silence-after-run',
    fault: { kind: 'hang', at: 'before-headers', executed: true },
    what: 'without an answer',
  },
  { name: 'cut-answer', fault: { kind: 'reset', at: 'mid-body' }, what: 'whose answer was lost on the way' },
]

const creating: readonly QuestionName[] = ['file', 'batch', 'video', 'voice']

/** Requests that create something: they are sent again only when it is certain that they did not run. */
export const onceCases: readonly ConformanceCase[] = [
  ...creating.flatMap((question) => losses.map((loss) => lossCase(question, loss))),
  lossCase('image', losses[0] as Loss),
  ...(['file', 'video', 'voice'] as const).map(
    (question): ConformanceCase => ({
      id: `once.refused-key-${question}.2-1`,
      group: 'once',
      pool: { keys: 2, bad: 1 },
      question,
      faults: [{ fault: { kind: 'error', name: 'token-invalid' } }],
      expect: { client: ['answer'], calls: [2, 2] },
      why: 'A refused request did not run, so another key may be tried.',
    }),
  ),
]

function lossCase(question: QuestionName, { name, fault, what }: Loss): ConformanceCase {
  return {
    id: `once.${name}-${question}.2-2`,
    group: 'once',
    pool: { keys: 2, bad: 2 },
    question,
    faults: [{ fault }],
    expect: { client: ['refusal', 'interrupted'], status: refusals, calls: [1, 1] },
    why: `A call ${what} may have run: sent again, it could create a second resource.`,
  }
}
