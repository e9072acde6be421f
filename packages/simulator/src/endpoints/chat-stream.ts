import type { Piece, StreamReply } from '../reply/reply.js'
import type { Script, ScriptedToolCall } from '../reply/script.js'
import { chunkUsage } from '../reply/usage-json.js'
import type { ChatPlan } from './chat-plan.js'
import { eventStream, openaiDialect } from './event-stream.js'

/** Streams the answer as server-sent events in the platform's own shapes. */
export function streamChat(plan: ChatPlan): StreamReply {
  return eventStream(plan, chatPieces(plan), openaiDialect)
}

/** The addition of one event to one choice. */
interface Delta {
  json: string
  tokens: number
  isReasoning?: boolean
}

function* chatPieces(plan: ChatPlan): Generator<Piece, undefined> {
  const write = createChunkWriter(plan)
  const turns = plan.scripts.map((script) => deltas(script, plan.model.quirks.includes('broken-tool-deltas')))
  const finished = plan.scripts.map(() => false)
  while (finished.includes(false)) {
    for (const [index, turn] of turns.entries()) {
      if (finished[index] === true) continue
      const next = turn.next()
      if (next.done === true) {
        finished[index] = true
        yield write.finish(index, plan.scripts[index]?.finishReason ?? 'stop', !finished.includes(false))
      } else yield write.delta(index, next.value)
    }
  }
  if (plan.usageMode === 'trailing') yield write.trailing()
  yield { data: openaiDialect.terminator, tokens: plan.usage.completionTokens, isTerminator: true }
}

function createChunkWriter({ id, created, model, modelId, usage, usageMode, emptyReply }: ChatPlan): {
  delta(index: number, delta: Delta): Piece
  finish(index: number, reason: string, isLast: boolean): Piece
  trailing(): Piece
} {
  const head = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(modelId)},"choices":[`
  const tail = '],"system_fingerprint":""'
  let completionTokens = 0
  let reasoningTokens = 0
  const chunk = (choice: string, hasUsage: boolean): Piece => {
    const usageText = hasUsage
      ? `,"usage":${chunkUsage({ ...usage, completionTokens, reasoningTokens })}`
      : ''
    const choices = emptyReply === 'choices' ? '' : choice
    return { data: `${head}${choices}${tail}${usageText}}\n\n`, tokens: completionTokens }
  }
  const isEvery = usageMode === 'every-chunk'
  const unfinished = model.quirks.includes('empty-finish-reason') ? '""' : 'null'
  return {
    delta(index, { json, tokens, isReasoning }) {
      completionTokens += tokens
      if (isReasoning === true) reasoningTokens += tokens
      return chunk(`{"index":${index},"delta":${json},"finish_reason":${unfinished}}`, isEvery)
    },
    finish: (index, reason, isLast) => {
      const delta = '{"content":"","reasoning_content":null}'
      const choice = `{"index":${index},"delta":${delta},"finish_reason":"${reason}"}`
      return chunk(choice, isEvery || (usageMode === 'finish' && isLast))
    },
    trailing: () => chunk('', true),
  }
}

function* deltas({ reasoning, content, toolCalls }: Script, isBroken: boolean): Generator<Delta, undefined> {
  const role =
    reasoning.length > 0 ? '"content":null,"reasoning_content":""' : '"content":"","reasoning_content":null'
  yield { json: `{${role},"role":"assistant"}`, tokens: 0 }
  for (const piece of reasoning) {
    yield {
      json: `{"content":null,"reasoning_content":${JSON.stringify(piece)}}`,
      tokens: 1,
      isReasoning: true,
    }
  }
  for (const piece of content)
    yield { json: `{"content":${JSON.stringify(piece)},"reasoning_content":null}`, tokens: 1 }
  for (const [index, toolCall] of toolCalls.entries()) yield* toolDeltas(index, toolCall, isBroken)
}

/** Yields the deltas of a tool call. Later deltas carry null and empty fields; a broken model does so from the first. */
function* toolDeltas(
  index: number,
  { id, name, argumentPieces }: ScriptedToolCall,
  isBroken: boolean,
): Generator<Delta, undefined> {
  const delta = (head: string, fnName: string, text: string): Delta => ({
    json: `{"content":null,"reasoning_content":null,"tool_calls":[{"index":${index},${head},"function":{"name":${JSON.stringify(fnName)},"arguments":${JSON.stringify(text)}}}]}`,
    tokens: 1,
  })
  const unnamed = '"id":null,"type":null'
  yield isBroken ? delta(unnamed, '', '') : delta(`"id":"${id}","type":"function"`, name, '')
  for (const piece of argumentPieces) yield delta(unnamed, '', piece)
}
