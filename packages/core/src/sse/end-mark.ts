import type { Route } from '../provider/provider.js'
import { isRecord } from '../wire/json.js'

/**
 * Whether the data of an event is OpenAI's end mark, as its SDKs see it: they look at the beginning only, so whatever
 * follows it belongs to it.
 */
export function isDoneMark(data: string): boolean {
  if (data.startsWith(done)) return true
  return data.charCodeAt(0) <= 0x20 && data.trimStart().startsWith(done)
}

const done = '[DONE]'

/** The events that end a stream of a kind, by their type. */
const endTypes: Readonly<Record<Route['terminator'], ReadonlySet<unknown>>> = {
  done: new Set(),
  message_stop: new Set(['message_stop']),
  response_end: new Set([
    'response.completed',
    'response.incomplete',
    'response.failed',
    'response.cancelled',
  ]),
  none: new Set(),
}

/** Matches data that may say it is such an event, or an error: text cannot, because its quotes are escaped. */
const mayEnd = /"type"\s*:\s*"(?:error|message_stop|response\.(?:completed|incomplete|failed|cancelled))"/

/** Whether data may be that of an event that ends a stream or reports an error, found without parsing it. */
export const mayBeEndEvent = (data: string, terminator: Route['terminator']): boolean =>
  terminator !== 'done' && terminator !== 'none' && mayEnd.test(data)

/** Whether an event ends a stream of this kind, by the name of the event or by the type in its data. */
export function isEndEvent(
  name: string | undefined,
  event: unknown,
  terminator: Route['terminator'],
): boolean {
  const types = endTypes[terminator]
  return types.size > 0 && (types.has(name) || (isRecord(event) && types.has(event.type)))
}
