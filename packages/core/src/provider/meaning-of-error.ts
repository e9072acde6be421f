import type { AnswerEvidence } from './answer-evidence.js'
import type { AnswerMeaning } from './classify-by-status.js'
import { meaningOfNames, meaningOfNumber } from './error-names.js'
import { isOfRate, meaningOfWords } from './error-words.js'

/**
 * Tells money, key and caller apart whatever the status, for every vendor: by the names in the error's own fields, by
 * the number in its `error` object, then by its first words. Undefined: nothing there says more than the status does.
 */
export function meaningOfError(evidence: AnswerEvidence): AnswerMeaning | undefined {
  const { status, code, message = '', names, hasErrorObject } = evidence
  const named = meaningOfNames(names)
  if (named?.fault === 'funds' && status === 429 && isOfRate(message))
    return { kind: 'rate-limited', fault: 'limit' }
  if (named !== undefined) return named
  const numbered = hasErrorObject ? meaningOfNumber(code) : undefined
  return numbered ?? meaningOfWords(message)
}
