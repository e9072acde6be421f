import type { Outcome } from '../outcome/outcome.js'
import { type AnswerEvidence, readEvidence } from './answer-evidence.js'
import { classifyByStatus } from './classify-by-status.js'
import { meaningOfError } from './meaning-of-error.js'
import type { Answer } from './provider.js'
import { meaningOfSiliconflowCode } from './siliconflow-codes.js'

/**
 * Classifies an answer by OpenAI's conventions, which most compatible APIs follow, by what other vendors say instead,
 * and by SiliconFlow's codes, which a relay in front of it passes on.
 */
export function classifyOpenai(answer: Answer): Outcome {
  const evidence = readEvidence(answer)
  if (answer.status < 300) return classifyInside(evidence)
  return classifyByStatus(evidence, meaningOf(evidence))
}

const meaningOf = (evidence: AnswerEvidence) =>
  (evidence.hasErrorObject ? undefined : meaningOfSiliconflowCode(evidence)) ?? meaningOfError(evidence)

/** Aggregators such as OpenRouter put an upstream's status into the `error` of an answer with status 200. */
function classifyInside(evidence: AnswerEvidence): Outcome {
  const { code, hasErrorObject, status } = evidence
  const isStatus = hasErrorObject && typeof code === 'number' && code >= 400 && code <= 599
  if (!isStatus) return classifyByStatus(evidence)
  const inside = { ...evidence, status: code }
  return { ...classifyByStatus(inside, meaningOf(inside)), status }
}
