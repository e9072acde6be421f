import type { AccountCall } from '../http/call.js'
import { type Params, readNumber, readParams, readText, requireText, resolveModel } from '../http/params.js'
import { json, type Piece, type Reply } from '../reply/reply.js'
import type { Script } from '../reply/script.js'
import { countTokens } from '../reply/tokens.js'
import { chunkUsage, fullUsage } from '../reply/usage-json.js'
import { type ChatPlan, planChat, requireAbility, settleChat, type TextRequest } from './chat-plan.js'
import { eventStream, openaiDialect } from './event-stream.js'

/** `POST /completions`: fill-in-the-middle, for the few models that still support it. */
export function completions(call: AccountCall): Reply {
  const params = readParams(call)
  const plan = planChat(call, readCompletion(call, params))
  if (params.stream === true) return eventStream(plan, completionPieces(plan), openaiDialect)
  settleChat(plan, plan.usage.completionTokens)
  const choices = plan.emptyReply === 'choices' ? [] : plan.scripts.map(completionChoice)
  const body = { ...head(plan), choices, usage: fullUsage(plan.usage) }
  return json(body, { firstByteMs: plan.firstByteMs })
}

function readCompletion(call: AccountCall, params: Params): TextRequest {
  const model = resolveModel(call, ['chat'])
  const prompt = requireText(params, 'prompt')
  const suffix = readText(params, 'suffix')
  requireAbility(model.hasCompletions, suffix === undefined ? 'completions-unsupported' : 'fim-unsupported')
  readNumber(params, 'temperature', [0, 2])
  const promptText = `${prompt}${suffix ?? ''}`
  return {
    model,
    promptText,
    promptTokens: countTokens(promptText),
    maxTokens: readNumber(params, 'max_tokens', [1, Number.MAX_SAFE_INTEGER]),
    isThinking: false,
    n: 1,
    tools: [],
    jsonSchema: undefined,
    seed: readNumber(params, 'seed', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]),
  }
}

function head({ id, created, modelId }: ChatPlan): Record<string, unknown> {
  return { id, object: 'text_completion', created, model: modelId }
}

function completionChoice({ content, finishReason }: Script, index: number): Record<string, unknown> {
  return { index, text: content.join(''), finish_reason: finishReason }
}

function* completionPieces(plan: ChatPlan): Generator<Piece, undefined> {
  const start = `data: ${JSON.stringify(head(plan)).slice(0, -1)},"choices":[`
  let completionTokens = 0
  const chunk = (choice: Record<string, unknown> | undefined, hasUsage: boolean): Piece => {
    const isEmpty = choice === undefined || plan.emptyReply === 'choices'
    const choices = isEmpty ? '' : JSON.stringify({ index: 0, ...choice })
    const usage = hasUsage ? `,"usage":${chunkUsage({ ...plan.usage, completionTokens })}` : ''
    return { data: `${start}${choices}]${usage}}\n\n`, tokens: completionTokens }
  }
  const { usageMode } = plan
  const isEvery = usageMode === 'every-chunk'
  for (const { content, finishReason } of plan.scripts) {
    for (const piece of content) {
      completionTokens += 1
      yield chunk({ text: piece, finish_reason: null }, isEvery)
    }
    yield chunk({ text: '', finish_reason: finishReason }, usageMode !== 'trailing')
  }
  if (usageMode === 'trailing') yield chunk(undefined, true)
  yield { data: openaiDialect.terminator, tokens: completionTokens, isTerminator: true }
}
