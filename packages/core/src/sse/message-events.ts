import { isRecord, type JsonObject } from '../wire/json.js'

/** Turns Anthropic's reply for a message into the data of its stream's events; null for another reply. */
export function messageEvents(reply: JsonObject): JsonObject[] | null {
  const { content, stop_reason = null, stop_sequence = null, usage, ...members } = reply
  if (reply.type !== 'message' || !Array.isArray(content) || !content.every(isRecord)) return null
  const used = isRecord(usage) ? usage : {}
  const message = {
    ...members,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...used, output_tokens: 0 },
  }
  return [
    { type: 'message_start', message },
    ...content.flatMap(blockEvents),
    { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: used },
    { type: 'message_stop' },
  ]
}

/** The events of one content block: an empty block, then its deltas. A block of an unknown kind is sent whole. */
function blockEvents(block: JsonObject, index: number): JsonObject[] {
  const { start, deltas } = partsOf(block)
  return [
    { type: 'content_block_start', index, content_block: start },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function partsOf(block: JsonObject): { start: JsonObject; deltas: JsonObject[] } {
  const { type, text, thinking, signature, input } = block
  if (type === 'text' && typeof text === 'string') return textParts(block, text)
  if (type === 'thinking' && typeof thinking === 'string') {
    const deltas: JsonObject[] = [{ type: 'thinking_delta', thinking }]
    if (typeof signature === 'string') deltas.push({ type: 'signature_delta', signature })
    return { start: { ...block, thinking: '', signature: '' }, deltas }
  }
  if (isRecord(input)) {
    const partial_json = JSON.stringify(input)
    return { start: { ...block, input: {} }, deltas: [{ type: 'input_json_delta', partial_json }] }
  }
  return { start: block, deltas: [] }
}

function textParts(block: JsonObject, text: string): { start: JsonObject; deltas: JsonObject[] } {
  const citations = Array.isArray(block.citations) ? block.citations : []
  const start = { ...block, text: '', ...(citations.length === 0 ? {} : { citations: [] }) }
  const deltas = citations.map((citation): JsonObject => ({ type: 'citations_delta', citation }))
  return { start, deltas: [{ type: 'text_delta', text }, ...deltas] }
}
