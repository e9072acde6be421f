import type { Route } from '../provider/provider.js'
import { isRecord } from '../wire/json.js'
import { hasText, isChoiceOutput } from './first-output.js'

/** Reasons to finish for which an answer without anything in it is an answer. */
const explanations: ReadonlySet<unknown> = new Set([
  'length',
  'max_tokens',
  'model_context_window_exceeded',
  'content_filter',
  'sensitive',
  'refusal',
  'tool_calls',
  'function_call',
  'tool_use',
  'stop_sequence',
  'pause_turn',
])

/** Whether a route's answers are generated, so that an empty one is a mishap of the upstream's. */
export const generates = ({ terminator }: Route): boolean => terminator !== 'none'

/** Whether a reply or an event says why there is nothing in it. */
export function explainsEmptiness(value: unknown): boolean {
  if (!isRecord(value)) return false
  const { choices, delta, stop_reason } = value
  if (Array.isArray(choices))
    return choices.some((choice) => isRecord(choice) && explanations.has(choice.finish_reason))
  return explanations.has(stop_reason) || (isRecord(delta) && explanations.has(delta.stop_reason))
}

/**
 * Whether a whole reply of a route that generates holds nothing that a person or a program could use, and does not say
 * why. Shapes it does not know are not empty.
 */
export function isEmptyReply(reply: unknown): boolean {
  if (!isRecord(reply) || explainsEmptiness(reply)) return false
  if (Array.isArray(reply.choices)) return !reply.choices.some(isChoiceOutput)
  if (reply.type === 'message' && Array.isArray(reply.content))
    return reply.content.every((block) => isRecord(block) && !hasText(block))
  return Object.keys(reply).length === 0
}

/** A quick look that takes no empty reply for a filled one: a text of some length, or a call. */
export function isSurelyFilled(json: string): boolean {
  const at = json.indexOf(usualText)
  return (at !== -1 && json[at + usualText.length] !== '"') || filled.test(json)
}

const usualText = '"content":"'
const filled = /"(?:content|text|reasoning_content)"\s*:\s*"[^"]|"tool_calls"\s*:\s*\[\s*\{/
