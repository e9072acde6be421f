import { type ErrorName, errorSamples } from '../../errors/error-samples.js'
import { type ConformanceCase, type PoolShape, poolName } from '../conformance-case.js'

interface CallerMistake {
  name: ErrorName
  says: string
  why: string
}

const mistakes: readonly CallerMistake[] = [
  {
    name: 'parameter-invalid',
    says: 'The parameter is invalid',
    why: 'A wrong parameter is wrong under every key.',
  },
  {
    name: 'prompt-too-long',
    says: 'max_seq_len',
    why: 'A prompt that is too long for the model is too long for every account.',
  },
  {
    name: 'model-not-found',
    says: 'Model does not exist',
    why: 'A model that does not exist does not exist for anybody.',
  },
  {
    name: 'model-disabled',
    says: 'Model disabled',
    why: 'A retired model answers 403 to every key; that is the model’s state, not theirs.',
  },
  {
    name: 'batch-too-large',
    says: 'batch size',
    why: 'What is too large (413) is too large under every key.',
  },
  {
    name: 'record-not-found',
    says: 'Record not found',
    why: 'What is not there (404) is not there under another key either.',
  },
  {
    name: 'nsfw',
    says: 'not allowed',
    why: 'What may not be asked (451) may not be asked under another key either.',
  },
]

const asked = 3
const soonMs = 800

/** Mistakes of the caller: told as they are, to the one who made them, at the price of one call. */
export const callerCases: readonly ConformanceCase[] = [
  ...mistakes.flatMap((mistake) => [
    mistakeCase(mistake, { keys: 2, bad: 2 }),
    mistakeCase(mistake, { keys: 50, bad: 50 }),
  ]),
  {
    id: 'caller.unknown-path.2-2',
    group: 'caller',
    pool: { keys: 2, bad: 2 },
    question: 'nowhere',
    times: 3,
    faults: [{ fault: { kind: 'error', name: 'path-not-found' } }],
    expect: { client: ['refusal'], status: [404], calls: [0, 3] },
    why: 'An address that does not exist (404) is the caller’s mistake; no other key is asked for it.',
  },
]

function mistakeCase({ name, says, why }: CallerMistake, pool: PoolShape): ConformanceCase {
  return {
    id: `caller.${name}.${poolName(pool)}`,
    group: 'caller',
    pool,
    question: pool.keys === 2 ? 'chat-stream' : 'chat',
    times: asked,
    faults: [{ fault: { kind: 'error', name } }],
    expect: {
      client: ['refusal'],
      status: [errorSamples[name].status],
      says,
      // As many calls as requests.
      calls: [1, asked],
      recoversWithinMs: soonMs,
      states: { bad: ['ready'], good: ['ready'] },
    },
    why: `${why} One key is asked, the client reads what the upstream said, and no key is the worse for it.`,
  }
}
