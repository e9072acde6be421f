import type { Outcome } from '../outcome/outcome.js'
import { readEvidence } from './answer-evidence.js'
import { classifyByStatus } from './classify-by-status.js'
import { meaningOfError } from './meaning-of-error.js'
import type { Answer, Restriction } from './provider.js'
import { meaningOfSiliconflowCode } from './siliconflow-codes.js'

/** Classifies an answer by SiliconFlow's error codes; without one, by what other vendors say in such an answer. */
export function classifySiliconflow(answer: Answer): Outcome {
  const evidence = readEvidence(answer)
  // An error can come with status 200; there the codes up to 20000 mean success.
  const isError = answer.status >= 400 || (typeof evidence.code === 'number' && evidence.code > 20_000)
  if (!isError) return classifyByStatus(evidence)
  return classifyByStatus(evidence, meaningOfSiliconflowCode(evidence) ?? meaningOfError(evidence))
}

const restrictions: Readonly<Record<number, Restriction>> = {
  20051: 'real-name',
  30005: 'real-name',
  30007: 'tier',
  30011: 'charged-only',
  50606: 'real-name',
}

/** Why an account may not use a model, by the code of the refusal. */
export function restrictionOf({ code, fault }: Outcome): Restriction | undefined {
  const known = typeof code === 'number' ? restrictions[code] : undefined
  return known ?? (fault === 'permission' ? 'other' : undefined)
}
