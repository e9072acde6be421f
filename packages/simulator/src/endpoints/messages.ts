import type { AccountCall } from '../http/call.js'
import { readParams } from '../http/params.js'
import { json, type Piece, type Reply } from '../reply/reply.js'
import type { Script } from '../reply/script.js'
import { type ChatPlan, planChat, settleChat } from './chat-plan.js'
import { type Dialect, eventStream } from './event-stream.js'
import { readMessagesRequest } from './messages-request.js'

const anthropicDialect: Dialect = {
  terminator: event('message_stop', {}),
  errorPiece: (body, shape) =>
    shape === 'bare' ? `data: ${body}\n\n` : `event: error\ndata: {"type":"error","error":${body}}\n\n`,
}

/** `POST /messages`: the Anthropic dialect. Errors keep the platform's own shape. */
export function messages(call: AccountCall): Reply {
  const params = readParams(call)
  const plan = planChat(call, readMessagesRequest(call, params))
  if (params.stream === true) return eventStream(plan, messagePieces(plan), anthropicDialect)
  settleChat(plan, plan.usage.completionTokens)
  const [script] = plan.scripts
  const content = script === undefined || plan.emptyReply === 'choices' ? [] : contentBlocks(script)
  const usage = { input_tokens: plan.usage.promptTokens, output_tokens: plan.usage.completionTokens }
  const body = { ...envelope(plan), content, stop_reason: stopReason(script), stop_sequence: null, usage }
  return json(body, { firstByteMs: plan.firstByteMs })
}

function envelope({ id, modelId }: ChatPlan): Record<string, unknown> {
  return { id, type: 'message', role: 'assistant', model: modelId }
}

function stopReason(script: Script | undefined): string {
  switch (script?.finishReason) {
    case 'length':
      return 'max_tokens'
    case 'tool_calls':
      return 'tool_use'
    default:
      return 'end_turn'
  }
}

function contentBlocks({ reasoning, content, toolCalls }: Script): Record<string, unknown>[] {
  return [
    ...(reasoning.length > 0 ? [{ type: 'thinking', thinking: reasoning.join(''), signature: '' }] : []),
    ...(content.length > 0 ? [{ type: 'text', text: content.join('') }] : []),
    ...toolCalls.map(({ id, name, argumentPieces }) => ({
      type: 'tool_use',
      id,
      name,
      input: JSON.parse(argumentPieces.join('')),
    })),
  ]
}

/** A streamed content block: its opening, and its deltas of one token each. */
interface StreamedBlock {
  opening: Record<string, unknown>
  deltas: readonly Record<string, unknown>[]
}

function streamedBlocks({ reasoning, content, toolCalls }: Script): StreamedBlock[] {
  const thinking = reasoning.map((text) => ({ type: 'thinking_delta', thinking: text }))
  const texts = content.map((text) => ({ type: 'text_delta', text }))
  const blocks = [
    { opening: { type: 'thinking', thinking: '', signature: '' }, deltas: thinking },
    { opening: { type: 'text', text: '' }, deltas: texts },
    ...toolCalls.map(({ id, name, argumentPieces }) => ({
      opening: { type: 'tool_use', id, name, input: {} },
      deltas: argumentPieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    })),
  ]
  return blocks.filter(({ deltas }) => deltas.length > 0)
}

function* messagePieces(plan: ChatPlan): Generator<Piece, undefined> {
  const [script] = plan.scripts
  const blocks = script === undefined || plan.emptyReply === 'choices' ? [] : streamedBlocks(script)
  let tokens = 0
  const piece = (type: string, fields: Record<string, unknown>): Piece => ({
    data: event(type, fields),
    tokens,
  })
  const usage = { input_tokens: plan.usage.promptTokens, output_tokens: 0 }
  const message = { ...envelope(plan), content: [], stop_reason: null, stop_sequence: null, usage }
  yield piece('message_start', { message })
  for (const [index, { opening, deltas }] of blocks.entries()) {
    if (opening.type === 'tool_use') tokens += 1
    yield piece('content_block_start', { index, content_block: opening })
    for (const delta of deltas) {
      tokens += 1
      yield piece('content_block_delta', { index, delta })
    }
    yield piece('content_block_stop', { index })
  }
  const delta = { stop_reason: stopReason(script), stop_sequence: null }
  yield piece('message_delta', { delta, usage: { ...usage, output_tokens: tokens } })
  yield { data: anthropicDialect.terminator, tokens, isTerminator: true }
}

function event(type: string, fields: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
