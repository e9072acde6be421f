import type { AccountCall } from '../http/call.js'
import { readParams } from '../http/params.js'
import { json, type Reply } from '../reply/reply.js'
import type { Script } from '../reply/script.js'
import { fullUsage } from '../reply/usage-json.js'
import { type ChatPlan, planChat, settleChat } from './chat-plan.js'
import { readChatRequest } from './chat-request.js'
import { streamChat } from './chat-stream.js'

/** `POST /chat/completions`: answers whole or as a stream. */
export function chatCompletions(call: AccountCall): Reply {
  const params = readParams(call)
  const plan = planChat(call, readChatRequest(call, params))
  if (params.stream === true) return streamChat(plan)
  settleChat(plan, plan.usage.completionTokens)
  return json(chatCompletion(plan), { firstByteMs: plan.firstByteMs })
}

function chatCompletion({
  id,
  created,
  modelId,
  scripts,
  usage,
  emptyReply,
}: ChatPlan): Record<string, unknown> {
  return {
    id,
    object: 'chat.completion',
    created,
    model: modelId,
    choices: emptyReply === 'choices' ? [] : scripts.map(chatChoice),
    usage: fullUsage(usage),
    system_fingerprint: '',
  }
}

function chatChoice(
  { content, reasoning, toolCalls, finishReason }: Script,
  index: number,
): Record<string, unknown> {
  const calls = toolCalls.map(({ id, name, argumentPieces }) => ({
    id,
    type: 'function',
    function: { name, arguments: argumentPieces.join('') },
  }))
  return {
    index,
    message: {
      role: 'assistant',
      content: content.join(''),
      ...(reasoning.length > 0 ? { reasoning_content: reasoning.join('') } : {}),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    },
    finish_reason: finishReason,
  }
}
