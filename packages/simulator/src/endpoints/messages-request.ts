import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { isObject, type Params, readNumber, requireList, resolveModel } from '../http/params.js'
import type { OfferedTool } from '../reply/script.js'
import { countTokens, framingTokens } from '../reply/tokens.js'
import { requireAbility, type TextRequest } from './chat-plan.js'
import { type ToolChoice, toolsToCall } from './tool-choice.js'

/** Reads a request in the Anthropic dialect. Throws the platform's 400 for an invalid request. */
export function readMessagesRequest(call: AccountCall, params: Params): TextRequest {
  const model = resolveModel(call, ['chat'])
  const messages = requireList(params, 'messages')
  const maxTokens = readNumber(params, 'max_tokens', [1, Number.MAX_SAFE_INTEGER])
  if (maxTokens === undefined) throw apiError('field-required')
  readNumber(params, 'temperature', [0, 2])
  readNumber(params, 'top_p', [0, 1])
  const blocks = messages.flatMap(readBlocks)
  const mediaCount = blocks.filter(({ type }) => type === 'image').length
  requireAbility(mediaCount === 0 || model.hasVision, 'vision-unsupported')
  const system = typeof params.system === 'string' ? params.system : JSON.stringify(params.system ?? '')
  const promptText = [system, ...blocks.filter(({ type }) => type !== 'image').map(blockText)].join('\n')
  const tools = readTools(params)
  requireAbility(tools.length === 0 || model.hasTools, 'tools-unsupported')
  const toolTokens = tools.length === 0 ? 0 : countTokens(JSON.stringify(params.tools))
  return {
    model,
    promptText,
    promptTokens: countTokens(promptText) + toolTokens + framingTokens(messages.length, mediaCount),
    maxTokens,
    isThinking: readThinking(params, model.thinking),
    n: 1,
    tools: toolsToCall(readToolChoice(params, tools, messages), call.overrides),
    jsonSchema: undefined,
    seed: undefined,
  }
}

function readBlocks(message: unknown): Params[] {
  if (!isObject(message) || typeof message.role !== 'string') throw apiError('field-required')
  const { content } = message
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw apiError('parameter-invalid')
  return content.filter(isObject)
}

function blockText(block: Params): string {
  return typeof block.text === 'string' ? block.text : JSON.stringify(block)
}

function readThinking({ thinking }: Params, ability: 'none' | 'hybrid' | 'always'): boolean {
  if (thinking === undefined || thinking === null) return ability !== 'none'
  const type = isObject(thinking) ? thinking.type : undefined
  if (type !== 'enabled' && type !== 'disabled') throw apiError('thinking-type')
  if (type === 'enabled' && ability === 'none') throw apiError('thinking-unsupported')
  return type === 'enabled' || ability === 'always'
}

function readTools({ tools }: Params): OfferedTool[] {
  if (tools === undefined || tools === null) return []
  if (!Array.isArray(tools)) throw apiError('parameter-invalid')
  return tools.map((tool) => {
    if (!isObject(tool) || typeof tool.name !== 'string') throw apiError('field-required')
    return { name: tool.name, parameters: tool.input_schema }
  })
}

function readToolChoice(
  { tool_choice: choice }: Params,
  tools: readonly OfferedTool[],
  messages: readonly unknown[],
): ToolChoice {
  const { type = 'auto', name }: Params = isObject(choice) ? choice : {}
  const last = messages.at(-1)
  const content = isObject(last) && Array.isArray(last.content) ? last.content : []
  const isAnswered = content.some((block) => isObject(block) && block.type === 'tool_result')
  return { tools, mode: type === 'none' || type === 'auto' ? type : 'forced', name, isAnswered }
}
