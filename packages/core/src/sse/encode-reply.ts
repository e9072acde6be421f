import type { Route } from '../provider/provider.js'
import { isRecord, parseJson } from '../wire/json.js'
import { chatEvents } from './chat-events.js'
import { messageEvents } from './message-events.js'

/**
 * Encodes one JSON reply as the stream that the upstream would have sent for `stream: true`, end mark included; null
 * for a reply that cannot be streamed.
 */
export function encodeReply(json: string, { terminator }: Route, withUsage: boolean): Buffer | null {
  const reply = parseJson(json)
  if (!isRecord(reply)) return null
  if (terminator === 'message_stop') {
    const events = messageEvents(reply)?.map(
      (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`,
    )
    return events === undefined ? null : Buffer.from(events.join(''))
  }
  const events = chatEvents(reply, withUsage)?.map((data) => `data: ${JSON.stringify(data)}\n\n`)
  return events === undefined ? null : Buffer.from(`${events.join('')}data: [DONE]\n\n`)
}
