import { isRecord, type JsonObject } from '../wire/json.js'

/** The members in which APIs put what a model has generated: as a list or an object, and some of them as a text. */
const generated = [
  'choices',
  'content',
  'output',
  'candidates',
  'messages',
  'message',
  'generations',
  'results',
]
const generatedTexts = [
  'content',
  'output',
  'output_text',
  'text',
  'response',
  'completion',
  'generated_text',
  'result',
]

/**
 * Whether a parsed reply of a generating route is an answer at all, of whatever API: a page, plain words, `null`, `{}`,
 * `{"success":false}` or `{"code":401}` are none, though they come with a status of success.
 */
export function isAnswer(reply: unknown): boolean {
  if (!isRecord(reply)) return false
  // An empty list of choices is an answer without words; whether it explains itself is another question.
  if (Array.isArray(reply.choices) || Array.isArray(reply.output)) return true
  if (reply.type === 'message' || reply.object === 'response') return true
  return (
    generated.some((name) => isFilled(reply[name])) ||
    generatedTexts.some((name) => isFilledText(reply, name))
  )
}

const isFilled = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isRecord(value) && Object.keys(value).length > 0

const isFilledText = (reply: JsonObject, name: string): boolean =>
  typeof reply[name] === 'string' && reply[name] !== ''
