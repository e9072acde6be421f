import { isRecord } from '../wire/json.js'

/**
 * Whether a stream's event carries output: something a client would miss if it were lost. Role-only chunks, empty
 * deltas, `choices: []`, usage and pings are preamble, behind which another key may still take over. Unknown shapes
 * count as output, so that nothing is held back for long.
 */
export function isOutput(event: unknown): boolean {
  if (!isRecord(event)) return true
  if (Array.isArray(event.choices)) return event.choices.some(isChoiceOutput)
  switch (event.type) {
    case 'message_start':
    case 'message_delta':
    case 'message_stop':
    case 'content_block_stop':
    case 'ping':
      return false
    case 'content_block_start':
      return isRecord(event.content_block) && hasText(event.content_block)
    case 'content_block_delta':
      return isRecord(event.delta) && hasText(event.delta)
    default:
      return isResponseOutput(event)
  }
}

/** Events of OpenAI's responses that say how far the work is, and nothing of its result. */
const progressTypes: ReadonlySet<unknown> = new Set([
  'response.created',
  'response.queued',
  'response.in_progress',
  'response.failed',
  'response.cancelled',
  'keepalive',
])

/** Whether an event of OpenAI's responses carries output. */
function isResponseOutput({ type, item, part, delta, response }: Record<string, unknown>): boolean {
  if (progressTypes.has(type)) return false
  switch (type) {
    case 'response.completed':
    case 'response.incomplete':
      return isRecord(response) && Array.isArray(response.output) && response.output.some(isItemOutput)
    case 'response.output_item.added':
      return isItemOutput(item)
    case 'response.content_part.added':
    case 'response.reasoning_summary_part.added':
      return isRecord(part) ? hasText(part) : true
    default:
      return typeof delta === 'string' ? delta !== '' : true
  }
}

/** Members of an item of a response that say nothing of what it holds. */
const itemFrame: ReadonlySet<string> = new Set(['id', 'type', 'role', 'status', 'object', 'phase'])

/** Whether an item of a response holds anything: a message without text, and empty reasoning, do not. */
export function isItemOutput(item: unknown): boolean {
  if (!isRecord(item)) return true
  return Object.entries(item).some(([name, value]) => {
    if (itemFrame.has(name)) return false
    if (name !== 'content' || !Array.isArray(value)) return isFilled(value)
    return value.some((part) => !isRecord(part) || hasText(part))
  })
}

/** Whether one choice carries output, in an event or in a whole reply. */
export function isChoiceOutput(choice: unknown): boolean {
  if (!isRecord(choice)) return true
  if (isRecord(choice.delta)) return hasText(choice.delta)
  if (isRecord(choice.message)) return hasText(choice.message)
  return isFilled(choice.text)
}

/** Whether a delta holds anything beside its role and type. */
export function hasText(delta: Record<string, unknown>): boolean {
  for (const name in delta) {
    if (name !== 'role' && name !== 'type' && isFilled(delta[name])) return true
  }
  return false
}

const isFilled = (value: unknown): boolean =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)
