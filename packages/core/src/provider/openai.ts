import { ConfigError } from '../errors.js'
import type { Outcome } from '../outcome/outcome.js'
import { type BalanceFacts, type BalanceFields, balanceFromFields, openaiBilling } from './balance-facts.js'
import { normalizeBaseURL } from './base-url.js'
import { classifyByStatus, type Meaning, type Reading, readAnswer } from './classify.js'
import type { Answer, Provider } from './provider.js'
import { openaiRoute } from './routes.js'

const noMoney: Meaning = { kind: 'insufficient-balance', fault: 'funds' }

/** OpenAI's error codes that mean something else than their status, from its error-code guide. */
const byCode: ReadonlyMap<unknown, Meaning> = new Map([
  ['insufficient_quota', noMoney],
  ['billing_hard_limit_reached', noMoney],
  ['billing_not_active', noMoney],
  ['invalid_api_key', { kind: 'unauthorized', fault: 'key' }],
  ['account_deactivated', { kind: 'unauthorized', fault: 'disabled' }],
  ['model_not_found', { kind: 'rejected', fault: 'model' }],
  ['unsupported_country_region_territory', { kind: 'upstream-error', fault: 'ip-block' }],
])

/** Judges an answer by OpenAI's conventions, which most compatible APIs follow. */
function classify(answer: Answer): Outcome {
  const reading = readAnswer(answer)
  return answer.status < 300 ? classifyInside(reading) : classifyByStatus(reading, byCode.get(reading.code))
}

/** Aggregators such as OpenRouter put an upstream's status into the `error` of an answer that says 200. */
function classifyInside(reading: Reading): Outcome {
  const { code, hasErrorObject, status } = reading
  const isStatus = hasErrorObject && typeof code === 'number' && code >= 400 && code <= 599
  return isStatus ? { ...classifyByStatus({ ...reading, status: code }), status } : classifyByStatus(reading)
}

/** OpenAI's own API, or what stands in for it at another address. */
export function openai(baseURL = 'https://api.openai.com/v1'): Provider {
  return { ...generic(baseURL), name: 'openai' }
}

/** What is known of an OpenAI-compatible API beside its address. */
export interface GenericOptions {
  /**
   * How it tells what is left: the path and the fields of its balance endpoint, `openai-billing` for what one-api and
   * its kin answer, or facts of one's own. @default it does not tell
   */
  readonly balance?: BalanceFields | BalanceFacts | 'openai-billing'
  /** The three letters of the money that it counts in. @default 'USD' */
  readonly currency?: string
}

/** Any OpenAI-compatible API, by its base URL (a bare origin gets `/v1`). Throws a `ConfigError` for a wrong one. */
export function generic(baseURL: string, options: GenericOptions = {}): Provider {
  const { currency = 'USD' } = options
  const currencyOf = () => currency
  const balance = balanceOf(options.balance, currencyOf)
  return {
    name: 'generic',
    site: 'default',
    sites: { default: normalizeBaseURL(baseURL) },
    dayOffsetMs: 0,
    currencyOf,
    probePath: '/models',
    ...(balance === undefined ? {} : { balance }),
    route: openaiRoute,
    classify,
  }
}

function balanceOf(
  given: GenericOptions['balance'],
  currencyOf: (site: string) => string,
): BalanceFacts | undefined {
  if (given === undefined) return undefined
  if (given === 'openai-billing') return openaiBilling
  if ('read' in given) return given
  if (/^\/[^\s#]*$/.test(given.path) && given.amount !== '') return balanceFromFields(given, currencyOf)
  throw new ConfigError('balance', 'must have a path that begins with / and the field of the amount', given)
}
