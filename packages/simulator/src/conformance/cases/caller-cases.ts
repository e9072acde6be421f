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
    why: 'A model that does not exist is missing under every key.',
  },
  {
    name: 'model-disabled',
    says: 'Model disabled',
    why: 'A retired model answers 403 to every key, because of its own state, not of the keys.',
  },
  {
    name: 'batch-too-large',
    says: 'batch size',
    why: 'A request that is too large (413) is too large under every key.',
  },
  {
    name: 'record-not-found',
    says: 'Record not found',
    why: 'A record that is missing (404) is missing under every key.',
  },
  {
    name: 'nsfw',
    says: 'not allowed',
    why: 'A request that is not allowed (451) is not allowed under any key.',
  },
]

const asked = 3
const soonMs = 800

/** Mistakes of the caller: the upstream's error goes to the caller unchanged, after one call. */
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
    why: 'A path that does not exist (404) is the caller’s mistake; no other key is tried.',
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
      // At most as many calls as requests.
      calls: [1, asked],
      recoversWithinMs: soonMs,
      states: { bad: ['ready'], good: ['ready'] },
    },
    why: `${why} One key is tried, the client gets the upstream’s error, and the state of no key changes.`,
  }
}
