import type { Fault, Outcome, OutcomeKind } from '../key/outcome.js'
import { classifyByStatus, readAnswer } from './classify.js'
import type { Answer, Provider } from './provider.js'
import { openaiRoute } from './routes.js'

/** OpenAI's error codes that mean something else than their status, from its error-code guide. */
const byCode: Readonly<Record<string, { kind: OutcomeKind; fault: Fault }>> = {
  insufficient_quota: { kind: 'insufficient-balance', fault: 'funds' },
  billing_hard_limit_reached: { kind: 'insufficient-balance', fault: 'funds' },
  invalid_api_key: { kind: 'unauthorized', fault: 'key' },
  account_deactivated: { kind: 'unauthorized', fault: 'disabled' },
  model_not_found: { kind: 'rejected', fault: 'model' },
  unsupported_country_region_territory: { kind: 'upstream-error', fault: 'ip-block' },
}

/** Judges an answer by OpenAI's conventions, which most compatible APIs follow. */
function classify(answer: Answer): Outcome {
  const reading = readAnswer(answer)
  return classifyByStatus(
    reading,
    answer.status >= 400 && typeof reading.code === 'string' ? byCode[reading.code] : undefined,
  )
}

/** OpenAI's own API. */
export function openai(): Provider {
  return { ...generic('https://api.openai.com/v1'), name: 'openai' }
}

/** Any OpenAI-compatible API, by its base URL (a bare origin gets `/v1`). */
export function generic(baseURL: string): Provider {
  return {
    name: 'generic',
    site: 'default',
    sites: { default: baseURL },
    dayOffsetMs: 0,
    currencyOf: () => 'USD',
    probePath: '/models',
    route: openaiRoute,
    classify,
  }
}
