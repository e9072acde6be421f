import { type ErrorName, errorSamples } from '../../errors/error-samples.js'
import { type ConformanceCase, type Expectation, type KeyStates, poolName } from '../conformance-case.js'

interface KeyErrorCase {
  name: ErrorName
  /** Statuses for a pool of which every key has this trouble; the upstream's own or one that means "no key". */
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
    why: 'A refused secret is one key’s trouble; asked again it is refused again.',
  },
  {
    name: 'token-invalid-classic',
    status: [401, 403, 502, 503],
    ...gone,
    why: 'The older platform says the same in a bare JSON string, which a reader of objects trips over.',
  },
  {
    name: 'insufficient-balance',
    status: [402, 403, 429, 503],
    ...empty,
    why: 'An account without money stays so until somebody pays; the others have theirs.',
  },
  {
    name: 'insufficient-balance-classic',
    status: [402, 403, 429, 503],
    ...empty,
    why: 'The same code under 403, as the older platform sends it, means money, not permission.',
  },
  {
    name: 'user-disabled',
    status: [401, 403, 502, 503],
    ...gone,
    why: 'An account that was closed will not open again for the next request.',
  },
  {
    name: 'real-name-required',
    status: [403, 429, 502, 503],
    ...forbidden,
    why: 'This account may not use this model; another one may.',
  },
  {
    name: 'forbidden',
    status: [403, 429, 502, 503],
    ...forbidden,
    why: 'A bare 403 is about the account, as far as anybody can tell; another one may be let in.',
  },
  {
    name: 'rate-limit-rpm',
    status: [429],
    ...cooling,
    why: 'A limit holds for this account and this model, for a while; asking again only prolongs it.',
  },
  {
    name: 'rate-limit-tpm',
    status: [429],
    ...cooling,
    why: 'A limit of tokens rests one account; the request fits another.',
  },
  {
    name: 'rate-limit-tpm-no-code',
    status: [429],
    ...cooling,
    why: 'The older platform sends the limit without a code; the status and the words are all there is.',
  },
  {
    name: 'unverified-daily-limit',
    status: [429, 403],
    ...cooling,
    why: 'A limit of the day is over tomorrow, not in a minute.',
  },
]

const limitClasses: ReadonlySet<string> = new Set(['limit'])

/** One key's own trouble: it is met once, and as long as one key is good no client learns of it. */
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
    why: 'Twenty requests at once find the ten good keys, though all meet the forty bad ones before anything is known.',
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
    why: `${why} While one key is good, clients notice nothing.`,
  }
}

/** A limit may end while the client waits, so a target with a queue may keep it waiting. */
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
    why: `${why} With no other key the client is told, and the key is left alone.`,
  }
}
