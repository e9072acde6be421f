import { deepseekBalance } from './balance-facts.js'
import { bareBaseURL } from './base-url.js'
import { generic } from './openai.js'
import type { Provider } from './provider.js'

/**
 * DeepSeek's own API, whose addresses need no `/v1`. A key's balance is asked by `GET /user/balance`. Throws a
 * `ConfigError` for a wrong base URL.
 */
export function deepseek(baseURL = 'https://api.deepseek.com'): Provider {
  return {
    ...generic(baseURL),
    name: 'deepseek',
    sites: { default: bareBaseURL(baseURL) },
    currencyOf: () => 'CNY',
    balance: deepseekBalance,
    chatProbe: () => ({ model: 'deepseek-chat' }),
  }
}
