import { isRecord, type JsonObject } from '../wire/json.js'

/** Members that clients expect in every event; the others are sent once. */
const ofEveryEvent = ['id', 'object', 'created', 'model', 'system_fingerprint', 'service_tier']

/**
 * The stream of a chat or text completion that came as one reply, as its events' data without the end mark; null for
 * anything else. Nothing is left out, but usage where it is not wanted.
 */
export function chatEvents(reply: JsonObject, withUsage: boolean): JsonObject[] | null {
  const { choices, usage, object, ...rest } = reply
  if (!Array.isArray(choices) || !choices.every(isRecord)) return null
  const isText = choices.some(({ text }) => text !== undefined)
  const named = isText ? object : 'chat.completion.chunk'
  const head = pick({ ...rest, object: named }, ofEveryEvent)
  const unknown = omit(rest, ofEveryEvent)
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
  const { role = 'assistant', content, tool_calls, ...rest } = isRecord(message) ? message : {}
  const delta = (piece: JsonObject, extra: JsonObject = {}): JsonObject => ({
    index,
    delta: piece,
    finish_reason: null,
    ...extra,
  })
  const probabilities = logprobs === undefined ? {} : { logprobs }
  const thoughts = pick(rest, ['reasoning_content', 'reasoning'])
  const others = omit(rest, ['reasoning_content', 'reasoning'])
  return [
    delta({ role, content: '' }),
    ...(hasValue(thoughts) ? [delta(thoughts)] : []),
    ...(isFilled(content) || hasValue(probabilities)
      ? [delta({ content: content ?? null }, probabilities)]
      : []),
    ...(hasValue(others) ? [delta(others)] : []),
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
