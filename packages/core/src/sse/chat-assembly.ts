import { isRecord, type JsonObject } from '../wire/json.js'
import { mergeDelta } from './merge-delta.js'

/** Members whose first value holds: later events repeat it, or carry a later second. */
const constant: ReadonlySet<string> = new Set(['id', 'created', 'object'])

/**
 * Assembles the events of a stream of chat or text completions into the reply that the upstream would have sent
 * without a stream. Unknown fields are kept.
 */
export class ChatAssembly {
  readonly #reply: JsonObject = {}
  readonly #choices = new Map<unknown, JsonObject>()

  push(event: JsonObject): void {
    if (!Array.isArray(event.choices)) return
    for (const [name, value] of Object.entries(event)) {
      if (name !== 'choices' && !(constant.has(name) && isSet(this.#reply[name])))
        this.#reply[name] = value ?? this.#reply[name] ?? null
    }
    for (const choice of event.choices) if (isRecord(choice)) this.#mergeChoice(choice)
  }

  reply(): JsonObject {
    const { object, usage, ...head } = this.#reply
    const choices = [...this.#choices.values()].sort((one, other) => Number(one.index) - Number(other.index))
    const named = typeof object === 'string' ? { object: object.replace(/\.chunk$/, '') } : {}
    const finish = object === 'text_completion' ? finishedText : finishedChoice
    return { ...head, ...named, choices: choices.map(finish), ...(usage === undefined ? {} : { usage }) }
  }

  #mergeChoice({ index = 0, delta, message, text, logprobs, finish_reason, ...more }: JsonObject): void {
    const choice = this.#choiceAt(index)
    const piece = isRecord(delta) ? delta : message
    if (isRecord(piece)) mergeDelta(choice, { message: withCalls(choice.message, piece) })
    if (text !== undefined) mergeDelta(choice, { text })
    if (logprobs !== undefined) mergeDelta(choice, { logprobs })
    // Some upstreams send an empty reason until there is one.
    if (isSet(finish_reason) && finish_reason !== '') choice.finish_reason = finish_reason
    for (const [name, value] of Object.entries(more)) choice[name] = value ?? choice[name] ?? null
  }

  #choiceAt(index: unknown): JsonObject {
    const known = this.#choices.get(index)
    if (known !== undefined) return known
    const choice: JsonObject = { index, finish_reason: null }
    this.#choices.set(index, choice)
    return choice
  }
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null

/**
 * Gives every tool call of a piece an index. A call without one continues the last call, unless it has an id of its
 * own.
 */
function withCalls(message: unknown, piece: JsonObject): JsonObject {
  const { tool_calls: calls } = piece
  if (!Array.isArray(calls) || calls.every((call) => !isRecord(call) || typeof call.index === 'number'))
    return piece
  const before = isRecord(message) && Array.isArray(message.tool_calls) ? message.tool_calls.length : 0
  let next = before
  const tool_calls = calls.map((call: unknown) => {
    if (!isRecord(call) || typeof call.index === 'number') return call
    const isNew = next === 0 || (typeof call.id === 'string' && call.id !== '')
    return { ...call, index: isNew ? next++ : next - 1 }
  })
  return { ...piece, tool_calls }
}

function finishedText({ index, text = '', finish_reason, ...more }: JsonObject): JsonObject {
  return { index, text, finish_reason, ...more }
}

/** The choice with its message in the usual order, and its tool calls without the index that only streams have. */
function finishedChoice({ index, message, finish_reason, ...more }: JsonObject): JsonObject {
  return { index, message: finishedMessage(message), finish_reason, ...more }
}

function finishedMessage(message: unknown): JsonObject {
  const { role = 'assistant', content = null, tool_calls, ...more } = isRecord(message) ? message : {}
  const calls = Array.isArray(tool_calls) ? { tool_calls: tool_calls.map(withoutIndex) } : {}
  return { role: role ?? 'assistant', content, ...more, ...(tool_calls === null ? { tool_calls } : calls) }
}

function withoutIndex(call: unknown): unknown {
  if (!isRecord(call)) return call
  const { index: _index, ...members } = call
  return members
}
