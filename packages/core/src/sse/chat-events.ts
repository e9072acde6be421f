import { isRecord, type JsonObject } from '../wire/json.js'

/** Members that clients expect in every event; other members are sent once. */
const repeatedMembers = ['id', 'object', 'created', 'model', 'system_fingerprint', 'service_tier']

/**
 * Turns the reply of a chat or text completion into the data of its stream's events, without the end mark; null for
 * another reply. Every member is kept, but for the usage when the client did not ask for it.
 */
export function chatEvents(reply: JsonObject, withUsage: boolean): JsonObject[] | null {
  const { choices, usage, object, ...members } = reply
  if (!Array.isArray(choices) || !choices.every(isRecord)) return null
  const isText = choices.some(({ text }) => text !== undefined)
  const named = isText ? object : 'chat.completion.chunk'
  const head = pick({ ...members, object: named }, repeatedMembers)
  const unknown = omit(members, repeatedMembers)
  const tail = withUsage ? { usage: null } : {}
  const deltas = choices.flatMap((choice) => (isText ? textDeltas(choice) : chatDeltas(choice)))
  const events: JsonObject[] = deltas.map((choice, at) => ({
    ...head,
    ...(at === 0 ? unknown : {}),
    choices: [choice],
    ...tail,
  }))
  if (withUsage && isRecord(usage)) events.push({ ...head, choices: [], usage })
  return events
}

function chatDeltas({
  index = 0,
  message,
  logprobs,
  finish_reason = null,
  ...more
}: JsonObject): JsonObject[] {
  const { role = 'assistant', content, tool_calls, ...others } = isRecord(message) ? message : {}
  const delta = (piece: JsonObject, extra: JsonObject = {}): JsonObject => ({
    index,
    delta: piece,
    finish_reason: null,
    ...extra,
  })
  const probabilities = logprobs === undefined ? {} : { logprobs }
  const reasoning = pick(others, ['reasoning_content', 'reasoning'])
  const unknown = omit(others, ['reasoning_content', 'reasoning'])
  return [
    delta({ role, content: '' }),
    ...(hasValue(reasoning) ? [delta(reasoning)] : []),
    ...(isFilled(content) || hasValue(probabilities)
      ? [delta({ content: content ?? null }, probabilities)]
      : []),
    ...(hasValue(unknown) ? [delta(unknown)] : []),
    ...(Array.isArray(tool_calls)
      ? tool_calls.map((call, at) => delta({ tool_calls: [indexed(call, at)] }))
      : []),
    { index, delta: {}, finish_reason, ...more },
  ]
}

function textDeltas({ index = 0, text, logprobs, finish_reason = null, ...more }: JsonObject): JsonObject[] {
  const probabilities = logprobs === undefined ? {} : { logprobs }
  return [
    { index, text, ...probabilities, finish_reason: null },
    { index, text: '', finish_reason, ...more },
  ]
}

const indexed = (call: unknown, index: number): unknown => (isRecord(call) ? { index, ...call } : call)

const isFilled = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

const hasValue = (members: JsonObject): boolean => Object.values(members).some(isFilled)

const pick = (from: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]]))

const omit = (from: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)))
