import { headerValue } from '../../wire/headers.js'
import { bytesOf, type Call } from './call.js'
import { rewriteBody } from './rewrite-body.js'

/** The same call for another model; null when its body is sent once, or cannot be changed. */
export function withModel(call: Call, model: string): Call | null {
  if (call.model === model) return call
  const { body, headers } = call
  if (body === null || 'stream' in body) return null
  const bytes = rewriteBody(bytesOf(body), headerValue(headers, 'content-type'), { model })
  return bytes === null ? null : { ...call, model, body: { bytes } }
}
