import type { Outcome } from '../outcome/outcome.js'
import { type AnswerEvidence, readEvidence } from './answer-evidence.js'
import { type AnswerMeaning, classifyByStatus } from './classify-by-status.js'
import type { Answer } from './provider.js'

const noMoney: AnswerMeaning = { kind: 'insufficient-balance', fault: 'funds' }

/** OpenAI's error codes that mean something else than their status, from its error-code guide. */
const byCode: ReadonlyMap<unknown, AnswerMeaning> = new Map([
  ['insufficient_quota', noMoney],
  ['billing_hard_limit_reached', noMoney],
  ['billing_not_active', noMoney],
  ['invalid_api_key', { kind: 'unauthorized', fault: 'key' }],
  ['account_deactivated', { kind: 'unauthorized', fault: 'disabled' }],
  ['model_not_found', { kind: 'rejected', fault: 'model' }],
  ['unsupported_country_region_territory', { kind: 'upstream-error', fault: 'ip-block' }],
])

/** Classifies an answer by OpenAI's conventions, which most compatible APIs follow. */
export function classifyOpenai(answer: Answer): Outcome {
  const evidence = readEvidence(answer)
  return answer.status < 300
    ? classifyInside(evidence)
    : classifyByStatus(evidence, byCode.get(evidence.code))
}

/** Aggregators such as OpenRouter put an upstream's status into the `error` of an answer with status 200. */
function classifyInside(evidence: AnswerEvidence): Outcome {
  const { code, hasErrorObject, status } = evidence
  const isStatus = hasErrorObject && typeof code === 'number' && code >= 400 && code <= 599
  return isStatus
    ? { ...classifyByStatus({ ...evidence, status: code }), status }
    : classifyByStatus(evidence)
}
