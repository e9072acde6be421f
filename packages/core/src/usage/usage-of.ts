import { isRecord } from '../wire/json.js'
import { readUsage, recordOf } from './read-usage.js'
import { noTokens, type Usage } from './usage.js'

/**
 * The usage that a parsed reply reports, or null. Knows OpenAI's `usage` (inside `response` where a stream of responses
 * ends), Anthropic's `usage` (inside `message` where a stream begins), and rerank's `tokens` and `meta.tokens`. Images
 * are counted from the reply itself.
 */
export function usageOf(reply: unknown): Usage | null {
  if (!isRecord(reply)) return null
  const { message, response, meta } = reply
  const found = [reply, message, response]
    .map((holder) => recordOf(holder).usage)
    .concat([reply.tokens, recordOf(meta).tokens])
    .find(isRecord)
  const usage = found === undefined ? null : readUsage(found)
  const images = countImages(reply)
  return images === 0 ? usage : { ...(usage ?? noTokens), images }
}

/** SiliconFlow lists images as `images`, OpenAI as `data`, which holds embeddings too. */
function countImages({ images, data }: Record<string, unknown>): number {
  const listed = Array.isArray(images) ? images : Array.isArray(data) ? data : []
  const isImage = ({ url, b64_json }: Record<string, unknown>): boolean =>
    typeof url === 'string' || typeof b64_json === 'string'
  // The first entry shows whether the list holds images or embeddings.
  return isImage(recordOf(listed[0])) ? listed.length : 0
}
