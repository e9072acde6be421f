import { ConfigError } from '../errors.js'
import type { BalanceFacts, BalanceFields } from './balance-facts.js'
import { balanceFromFields } from './balance-from-fields.js'
import { classifyOpenai } from './classify-openai.js'
import { normalizeBaseURL } from './normalize-base-url.js'
import { openaiBilling } from './openai-billing.js'
import { openaiRoute } from './openai-route.js'
import type { Provider } from './provider.js'

/** What is known of an OpenAI-compatible API beside its address. */
export interface GenericOptions {
  /**
   * How to read a balance: the path and the fields of its endpoint, `openai-billing` for the endpoints of panels such
   * as one-api, or your own facts. @default the balance cannot be read
   */
  readonly balance?: BalanceFields | BalanceFacts | 'openai-billing'
  /** The currency of its prices, in three letters. @default 'USD' */
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
    classify: classifyOpenai,
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
