import { admit } from '../account/admission.js'
import type { OfferedModel } from '../catalogue/catalogue.js'
import { apiError, worded } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { type Params, readNumber, readParams, resolveModel } from '../http/params.js'
import { json, type Reply } from '../reply/reply.js'
import { countTokens } from '../reply/tokens.js'
import { hashText, seededRandom } from '../runtime.js'

const maxBatch = 64
const digits = 1e6

/** `POST /embeddings`: the same text always gives the same vector. */
export function embeddings(call: AccountCall): Reply {
  const params = readParams(call)
  const model = resolveModel(call, ['embedding'])
  const inputs = readInputs(params)
  const format = params.encoding_format ?? 'float'
  if (format !== 'float' && format !== 'base64') throw apiError('parameter-invalid')
  const dimensions = readDimensions(params, model)
  const counts = inputs.map(countTokens)
  // One text that is too long fails the whole request.
  if (counts.some((count) => count > model.contextTokens)) {
    throw worded('input-too-long', `input must have less than ${model.contextTokens} tokens`)
  }
  const tokens = counts.reduce((sum, count) => sum + count, 0)
  const admission = admit(call, model, { tokens })
  admission.settle({ inputTokens: tokens })
  const data = inputs.map((input, index) => {
    const vector = embed(input, dimensions)
    return { object: 'embedding', embedding: format === 'base64' ? toBase64(vector) : vector, index }
  })
  const usage = { prompt_tokens: tokens, completion_tokens: 0, total_tokens: tokens }
  return json(
    { object: 'list', model: call.model, data, usage },
    { firstByteMs: call.overrides.firstByteMs ?? call.world.settings.firstByteMs },
  )
}

function readInputs({ input }: Params): string[] {
  if (input === undefined || input === null) throw apiError('field-required')
  const inputs: unknown[] = Array.isArray(input) ? input : [input]
  if (inputs.length === 0) throw apiError('empty-list')
  if (inputs.length > maxBatch) {
    throw worded(
      'batch-too-large',
      `input batch size ${inputs.length} > maximum allowed batch size ${maxBatch}`,
    )
  }
  return inputs.map((text) => {
    if (typeof text !== 'string' || text === '') throw apiError('parameter-invalid')
    return text
  })
}

function readDimensions(params: Params, { dimensions, hasDimensions }: OfferedModel): number {
  const asked = readNumber(params, 'dimensions', [1, dimensions])
  if (asked === undefined) return dimensions
  if (!hasDimensions) throw apiError('parameter-invalid')
  return Math.floor(asked)
}

/** Makes a unit vector of short decimals from a text. */
function embed(text: string, dimensions: number): number[] {
  const random = seededRandom(hashText(text))
  const raw = Array.from({ length: dimensions }, () => random() * 2 - 1)
  const length = Math.hypot(...raw) || 1
  return raw.map((value) => Math.round((value / length) * digits) / digits)
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}
