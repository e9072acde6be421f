import type { Target } from './target.js'

/** No gateway at all: requests go to the simulator under the first key. Shows what the suite sees without a pool. */
export const directTarget: Target = {
  name: 'direct',
  start: async ({ upstreamURL, keys: [key = ''] }) => ({
    baseURL: upstreamURL,
    headers: { authorization: `Bearer ${key}` },
    stop: async () => {},
  }),
}
