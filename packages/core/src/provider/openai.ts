import { generic } from './generic.js'
import type { Provider } from './provider.js'

/** OpenAI's own API, or a stand-in for it at another address. */
export function openai(baseURL = 'https://api.openai.com/v1'): Provider {
  return { ...generic(baseURL), name: 'openai' }
}
