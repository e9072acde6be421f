import { admit } from '../account/admission.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { isObject, readNumber, readParams, requireList, requireText, resolveModel } from '../http/params.js'
import { timedId } from '../reply/ids.js'
import { json, type Reply } from '../reply/reply.js'
import { countTokens } from '../reply/tokens.js'
import { hashText } from '../runtime.js'

const maxOverlapTokens = 80
const scoreSteps = 1e6

/** `POST /rerank`: documents that share words with the query score higher. Otherwise a hash of the text decides. */
export function rerank(call: AccountCall): Reply {
  const params = readParams(call)
  const model = resolveModel(call, ['reranker'])
  const query = requireText(params, 'query')
  const documents = requireList(params, 'documents').map(documentText)
  const topN = readNumber(params, 'top_n', [1, Number.MAX_SAFE_INTEGER]) ?? documents.length
  readNumber(params, 'overlap_tokens', [0, maxOverlapTokens])
  readNumber(params, 'max_chunks_per_doc', [1, Number.MAX_SAFE_INTEGER])
  const inputTokens = documents.reduce(
    (sum, text) => sum + countTokens(text),
    countTokens(query) * documents.length,
  )
  const admission = admit(call, model, { tokens: inputTokens })
  admission.settle({ inputTokens })
  const results = documents
    .map((text, index) => ({
      index,
      relevance_score: score(query, text),
      ...(params.return_documents === true ? { document: { text } } : {}),
    }))
    .sort((left, right) => right.relevance_score - left.relevance_score)
    .slice(0, topN)
  const tokens = { input_tokens: inputTokens, output_tokens: 0 }
  const { settings, runtime } = call.world
  const id = timedId(runtime)
  // The documentation shows the tokens at the top; newer answers have them under `meta`.
  const body = settings.regime === 'classic' ? { id, results, tokens } : { id, results, meta: { tokens } }
  return json(body, { firstByteMs: call.overrides.firstByteMs ?? settings.firstByteMs })
}

function documentText(document: unknown): string {
  if (typeof document === 'string') return document
  if (isObject(document) && typeof document.text === 'string') return document.text
  throw apiError('parameter-invalid')
}

function score(query: string, text: string): number {
  const words = new Set(query.toLowerCase().split(/\s+/))
  const shared = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => words.has(word)).length
  const chance = (hashText(`${query}\n${text}`) % scoreSteps) / scoreSteps
  const value = (shared + chance) / (shared + 1.5)
  return Math.round(value * scoreSteps) / scoreSteps
}
