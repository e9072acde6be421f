import type { Outcome } from '../../outcome/outcome.js'
import { readErrorBody } from '../../provider/error-body.js'
import { tellingPhrase } from '../../provider/error-words.js'
import type { Answer } from '../../provider/provider.js'
import { type CallersPart, isCallersPhrase } from './callers-words.js'

/** The fields of an error that hold names of the upstream's own. */
const nameFields: ReadonlySet<string> = new Set(['code', 'reason', 'status', 'status_code', 'type'])

/**
 * Classifies an answer, and acquits a key that only the caller's own words condemn: an error such as `<model> is not a
 * valid model ID` begins with what the request says. Such an answer is classified without its words; its status and the
 * names and codes in its own fields are the upstream's, and are believed.
 */
export function classifyWithoutEcho(
  answer: Answer,
  call: CallersPart,
  classify: (answer: Answer) => Outcome,
): Outcome {
  const outcome = classify(answer)
  const { kind, message } = outcome
  // These statuses speak of key and money themselves.
  if (kind === 'success' || message === undefined || answer.status === 401 || answer.status === 402)
    return outcome
  const phrase = tellingPhrase(message)
  if (phrase === undefined || !isCallersPhrase(phrase, call)) return outcome
  return { ...classify({ ...answer, body: withoutWords(answer.body) }), message }
}

/** The error with its names and numbers, and dots in the place of its texts. */
function withoutWords(body: string): string {
  const { json } = readErrorBody(body)
  if (json === undefined) return '…'
  return JSON.stringify(json, (field, value: unknown) =>
    typeof value === 'string' && !nameFields.has(field) ? '…' : value,
  )
}
