import type { OfferedModel } from '../catalogue/catalogue.js'
import { apiError, invalidParameter } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { isObject, type Params, readNumber, requireList, resolveModel } from '../http/params.js'
import type { OfferedTool } from '../reply/script.js'
import { countTokens, framingTokens } from '../reply/tokens.js'
import { requireAbility, type TextRequest } from './chat-plan.js'
import { type ToolChoice, toolsToCall } from './tool-choice.js'

const maxStops = 4
const maxTools = 128

/** Reads a request in the OpenAI dialect. Throws the platform's 400 for an invalid request. */
export function readChatRequest(call: AccountCall, params: Params): TextRequest {
  const model = resolveModel(call, ['chat'])
  const messages = requireList(params, 'messages')
  checkRanges(params)
  const texts = messages.map(readMessage)
  const media = texts.reduce((sum, { mediaCount }) => sum + mediaCount, 0)
  requireAbility(media === 0 || model.hasVision, 'vision-unsupported')
  const promptText = texts.map(({ text }) => text).join('\n')
  const tools = readTools(params, model)
  const toolText = tools.length === 0 ? '' : JSON.stringify(params.tools)
  const promptTokens = countTokens(promptText) + countTokens(toolText) + framingTokens(messages.length, media)
  return {
    model,
    promptText,
    promptTokens,
    maxTokens: readMaxTokens(params),
    isThinking: readThinking(params, model),
    n: readCount(params),
    tools: toolsToCall(readToolChoice(params, tools), call.overrides),
    jsonSchema: readFormat(params),
    seed: readNumber(params, 'seed', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]),
  }
}

function checkRanges(params: Params): void {
  readNumber(params, 'temperature', [0, 2])
  readNumber(params, 'top_p', [0, 1])
  readNumber(params, 'top_k', [-1, 100])
  readNumber(params, 'min_p', [0, 1])
  readNumber(params, 'frequency_penalty', [-2, 2])
  readNumber(params, 'presence_penalty', [-2, 2])
  readNumber(params, 'thinking_budget', [128, 32_768])
  const { stop } = params
  if (Array.isArray(stop) && stop.length > maxStops)
    throw invalidParameter(`stop should hold at most ${maxStops} items`)
}

function readMessage(message: unknown): { text: string; mediaCount: number } {
  if (!isObject(message) || typeof message.role !== 'string') throw apiError('field-required')
  const { content, reasoning_content: reasoning, tool_calls: toolCalls } = message
  const extra = [reasoning, toolCalls].map((part) =>
    part === undefined || part === null ? '' : JSON.stringify(part),
  )
  if (typeof content === 'string') return { text: content + extra.join(''), mediaCount: 0 }
  if (content === undefined || content === null) return { text: extra.join(''), mediaCount: 0 }
  if (!Array.isArray(content)) throw apiError('parameter-invalid')
  const texts = content.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
  const mediaCount = content.filter(
    (part) => isObject(part) && typeof part.type === 'string' && part.type.endsWith('_url'),
  ).length
  return { text: texts.join('\n') + extra.join(''), mediaCount }
}

function readMaxTokens(params: Params): number | undefined {
  const value = params.max_tokens ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) throw apiError('max-tokens-invalid')
  return value
}

function readCount(params: Params): number {
  const value = params.n ?? 1
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 10)
    throw apiError('n-out-of-range')
  return value
}

function readThinking({ enable_thinking: asked }: Params, { thinking }: OfferedModel): boolean {
  if (asked !== undefined && asked !== null) {
    if (thinking !== 'hybrid') throw apiError('thinking-unsupported')
    if (typeof asked !== 'boolean') throw invalidParameter('Input should be a valid boolean: enable_thinking')
    return asked
  }
  return thinking !== 'none'
}

function readTools({ tools }: Params, { hasTools }: OfferedModel): OfferedTool[] {
  if (tools === undefined || tools === null) return []
  if (!Array.isArray(tools)) throw apiError('parameter-invalid')
  if (tools.length > maxTools) throw invalidParameter(`tools should hold at most ${maxTools} items`)
  requireAbility(tools.length === 0 || hasTools, 'tools-unsupported')
  return tools.map((tool) => {
    const fn: unknown = isObject(tool) ? tool.function : undefined
    if (!isObject(fn) || typeof fn.name !== 'string') throw apiError('field-required')
    return { name: fn.name, parameters: fn.parameters }
  })
}

function readToolChoice(
  { tool_choice: choice, messages }: Params,
  tools: readonly OfferedTool[],
): ToolChoice {
  const name = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  const mode = choice === 'none' ? 'none' : choice === 'required' || name !== undefined ? 'forced' : 'auto'
  return { tools, mode, name, isAnswered: isObject(last) && last.role === 'tool' }
}

function readFormat({ response_format: format }: Params): unknown {
  if (format === undefined || format === null) return undefined
  if (!isObject(format)) throw apiError('parameter-invalid')
  switch (format.type) {
    case 'text':
      return undefined
    case 'json_object':
      return true
    case 'json_schema':
      return isObject(format.json_schema) ? (format.json_schema.schema ?? true) : true
    default:
      throw invalidParameter("response_format.type should be 'text', 'json_object' or 'json_schema'")
  }
}
