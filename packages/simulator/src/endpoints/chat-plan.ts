import { type Admission, admit } from '../account/admission.js'
import type { OfferedModel } from '../catalogue/catalogue.js'
import type { UsageMode } from '../catalogue/model.js'
import { apiError, worded } from '../errors/api-error.js'
import type { EmptyReplyFault } from '../faults/fault.js'
import type { AccountCall } from '../http/call.js'
import { timedId } from '../reply/ids.js'
import { type OfferedTool, type Script, scriptTokens, writeScript } from '../reply/script.js'
import type { ChatUsage } from '../reply/usage-json.js'
import { hashText } from '../runtime.js'

/** A request for generated text, independent of its dialect. */
export interface TextRequest {
  model: OfferedModel
  /** Everything the model reads, as one text. */
  promptText: string
  promptTokens: number
  /** The most tokens of the answer, without its chain of thought; undefined for no limit. */
  maxTokens: number | undefined
  isThinking: boolean
  /** The number of answers. */
  n: number
  tools: readonly OfferedTool[]
  jsonSchema: unknown
  seed: number | undefined
}

/** An admitted answer whose content is decided. It only has to be formatted and sent. */
export interface ChatPlan {
  id: string
  created: number
  /** The model id in the request. */
  modelId: string
  model: OfferedModel
  scripts: readonly Script[]
  usage: ChatUsage
  usageMode: UsageMode
  emptyReply: EmptyReplyFault['reply'] | undefined
  firstByteMs: number
  eventMs: number
  admission: Admission
}

/** Checks the context window, decides the content and asks for admission. Throws the platform's refusal. */
export function planChat(call: AccountCall, request: TextRequest): ChatPlan {
  const { settings, runtime } = call.world
  const { model, promptTokens, maxTokens } = request
  requireWindow(request)
  const scripts = writeScripts(call, request)
  const completionTokens = scripts.reduce((sum, script) => sum + scriptTokens(script), 0)
  const reasoningTokens = scripts.reduce((sum, script) => sum + script.reasoning.length, 0)
  const admission = admit(call, model, { tokens: promptTokens + (maxTokens ?? completionTokens) })
  const cachedTokens = Math.min(call.overrides.cachedTokens ?? 0, promptTokens)
  return {
    id: timedId(runtime),
    created: Math.floor(runtime.now() / 1000),
    modelId: call.model ?? model.id,
    model,
    scripts,
    usage: { promptTokens, cachedTokens, completionTokens, reasoningTokens },
    usageMode: settings.usage === 'model' ? model.usage : settings.usage,
    emptyReply: emptyReplyOf(call),
    firstByteMs: call.overrides.firstByteMs ?? settings.firstByteMs,
    eventMs: call.overrides.eventMs ?? settings.eventMs,
    admission,
  }
}

/** Bills a plan after `completionTokens` were generated. */
export function settleChat({ admission, usage }: ChatPlan, completionTokens: number): void {
  admission.settle({
    inputTokens: usage.promptTokens,
    outputTokens: completionTokens,
    ...(usage.cachedTokens > 0 ? { cachedTokens: usage.cachedTokens } : {}),
  })
}

function requireWindow({ model, promptTokens }: TextRequest): void {
  const { maxPromptTokens, contextTokens } = model
  if (maxPromptTokens !== undefined && promptTokens > maxPromptTokens) {
    const message = `number of input tokens (${promptTokens}) has exceeded max_prompt_tokens (${maxPromptTokens}) limit.`
    throw worded('prompt-tokens-exceeded', message)
  }
  if (promptTokens >= contextTokens) {
    const message = `length of prompt_tokens (${promptTokens}) must be less than max_seq_len (${contextTokens}).`
    throw worded('prompt-too-long', message)
  }
}

function emptyReplyOf({ fault }: AccountCall): ChatPlan['emptyReply'] {
  return fault?.kind === 'empty-reply' ? fault.reply : undefined
}

function writeScripts(call: AccountCall, request: TextRequest): Script[] {
  const { overrides, world } = call
  const { settings, runtime } = world
  const { model, isThinking, n, tools, jsonSchema, maxTokens, promptText } = request
  const isStopOdd = tools.length > 0 && model.quirks.includes('stop-after-tools')
  const seed = request.seed ?? hashText(promptText)
  return Array.from({ length: n }, (_, index) => {
    const script = writeScript({
      seed: seed + index,
      random: runtime.random,
      reasoningTokens: isThinking ? (overrides.reasoningTokens ?? settings.reasoningTokens) : 0,
      contentTokens: overrides.tokens ?? settings.replyTokens,
      maxTokens: maxTokens ?? Number.POSITIVE_INFINITY,
      text: overrides.text,
      tools,
      jsonSchema,
    })
    return emptyScript(isStopOdd ? { ...script, finishReason: 'stop' } : script, emptyReplyOf(call))
  })
}

function emptyScript(script: Script, emptyReply: ChatPlan['emptyReply']): Script {
  if (emptyReply === undefined || emptyReply === 'role') return script
  const nothing: Script = { reasoning: [], content: [], toolCalls: [], finishReason: 'stop' }
  return emptyReply === 'reasoning'
    ? { ...nothing, reasoning: [...script.reasoning, ...script.content] }
    : nothing
}

/** Throws the named error when the model lacks an ability. */
export function requireAbility(isAble: boolean, otherwise: Parameters<typeof apiError>[0]): void {
  if (!isAble) throw apiError(otherwise)
}
