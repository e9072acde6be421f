import type { KeyPoolError } from '../errors.js'
import type { Route } from '../provider/provider.js'

/**
 * The event that ends a broken stream, in the shape that the route's clients raise as an error: OpenAI's for
 * everything but Anthropic's messages.
 */
export function errorEvent(error: KeyPoolError, route: Route): Buffer {
  if (route.name === 'messages') {
    const body = { type: 'error', error: { type: 'api_error', message: error.message } }
    return Buffer.from(`event: error\ndata: ${JSON.stringify(body)}\n\n`)
  }
  return Buffer.from(`data: ${JSON.stringify(error.toBody())}\n\n`)
}
