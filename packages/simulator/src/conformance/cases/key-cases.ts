import { type ErrorName, errorSamples } from '../../errors/error-samples.js'
import { type ConformanceCase, type Expectation, type KeyStates, poolName } from '../conformance-case.js'

interface KeyErrorCase {
  name: ErrorName
  /** The statuses for a pool whose keys all have this error: the upstream's own, or one that means "no key". */
  status: readonly number[]
  states: KeyStates
  why: string
}

const good = ['ready']
const gone: Pick<KeyErrorCase, 'states'> = { states: { bad: ['invalid', 'probing', 'cooling'], good } }
const empty: Pick<KeyErrorCase, 'states'> = { states: { bad: ['exhausted'], good } }
const cooling: Pick<KeyErrorCase, 'states'> = { states: { bad: ['cooling'], good } }
const forbidden: Pick<KeyErrorCase, 'states'> = { states: { bad: ['cooling', 'ready', 'invalid'], good } }

const errorCases: readonly KeyErrorCase[] = [
  {
    name: 'token-invalid',
    status: [401, 403, 502, 503],
    ...gone,
    why: 'A refused secret is the fault of one key; a second try is refused again.',
  },
  {
    name: 'token-invalid-classic',
    status: [401, 403, 502, 503],
    ...gone,
    why: 'The older platform sends the same error as a bare JSON string, which a parser of objects misses.',
  },
  {
    name: 'insufficient-balance',
    status: [402, 403, 429, 503],
    ...empty,
    why: 'An account without money stays empty until it is topped up; other accounts have their own money.',
  },
  {
    name: 'insufficient-balance-classic',
    status: [402, 403, 429, 503],
    ...empty,
    why: 'The same code with status 403, as the older platform sends it, means money, not permission.',
  },
  {
    name: 'user-disabled',
    status: [401, 403, 502, 503],
    ...gone,
    why: 'An account that was closed is not open again at the next request.',
  },
  {
    name: 'real-name-required',
    status: [403, 429, 502, 503],
    ...forbidden,
    why: 'This account may not use this model; another account may.',
  },
  {
    name: 'forbidden',
    status: [403, 429, 502, 503],
    ...forbidden,
    why: 'A bare 403 most likely concerns the account; another account may be accepted.',
  },
  {
    name: 'rate-limit-rpm',
    status: [429],
    ...cooling,
    why: 'A limit applies to this account and this model for a while; further calls only prolong it.',
  },
  {
    name: 'rate-limit-tpm',
    status: [429],
    ...cooling,
    why: 'A token limit makes one account cool down; another account can serve the request.',
  },
  {
    name: 'rate-limit-tpm-no-code',
    status: [429],
    ...cooling,
    why: 'The older platform sends the limit without a code; only the status and the text identify it.',
  },
  {
    name: 'unverified-daily-limit',
    status: [429, 403],
    ...cooling,
    why: 'A daily limit ends tomorrow, not in a minute.',
  },
]

const limitClasses: ReadonlySet<string> = new Set(['limit'])

/** Errors of one key: each is met once, and no client notices it as long as one key is good. */
export const keyCases: readonly ConformanceCase[] = [
  ...errorCases.flatMap((errorCase) => [
    allBad(errorCase),
    keyCase(errorCase, { keys: 2, bad: 1 }, { question: 'chat-stream', times: 4 }),
    keyCase(errorCase, { keys: 50, bad: 49 }, { question: 'chat' }),
  ]),
  ...(['token-invalid', 'insufficient-balance', 'rate-limit-rpm'] as const).map(burst),
]

function burst(name: ErrorName): ConformanceCase {
  return {
    id: `keys.${name}-burst.50-40`,
    group: 'keys',
    pool: { keys: 50, bad: 40 },
    question: 'chat-stream',
    atOnce: 20,
    faults: [{ fault: { kind: 'error', name } }],
    expect: { client: ['answer'] },
    why: 'Twenty requests at once must find the ten good keys, although no bad key is known yet.',
  }
}

function keyCase(
  { name, states, why }: KeyErrorCase,
  pool: ConformanceCase['pool'],
  asked: Pick<ConformanceCase, 'question' | 'times'>,
): ConformanceCase {
  return {
    id: `keys.${name}.${poolName(pool)}`,
    group: 'keys',
    pool,
    ...asked,
    faults: [{ fault: { kind: 'error', name } }],
    expect: { client: ['answer'], callsPerBadKey: 1, ...(pool.keys === 2 ? { states } : {}) },
    why: `${why} As long as one key is good, clients notice nothing.`,
  }
}

/** Makes the case of a pool without a good key. A limit may end soon, so a target with a queue may let the client wait. */
function allBad({ name, status, why }: KeyErrorCase): ConformanceCase {
  const isLimit = limitClasses.has(errorSamples[name].class)
  const client: Expectation['client'] = isLimit ? ['refusal', 'waiting'] : ['refusal']
  return {
    id: `keys.${name}.1-1`,
    group: 'keys',
    pool: { keys: 1, bad: 1 },
    question: 'chat',
    times: 2,
    faults: [{ fault: { kind: 'error', name } }],
    expect: { client, status, callsPerBadKey: 1 },
    why: `${why} Without another key the client gets an error, and the key is not tried again.`,
  }
}
