import type { Target } from './target.js'

/** A target without a gateway: requests go to the simulator with the first key. It shows the results without a pool. */
export const directTarget: Target = {
  name: 'direct',
  start: async ({ upstreamURL, keys: [key = ''] }) => ({
    baseURL: upstreamURL,
    headers: { authorization: `Bearer ${key}` },
    stop: async () => {},
  }),
}
