import { admit } from '../account/admission.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { resolveModel } from '../http/params.js'
import { json, type Reply } from '../reply/reply.js'
import { generateText } from '../reply/text.js'

/** `POST /audio/transcriptions`: the same audio always gives the same text. */
export async function transcriptions(call: AccountCall): Promise<Reply> {
  const model = resolveModel(call, ['speech-to-text'])
  const file = call.form?.get('file')
  if (!(file instanceof File)) throw apiError('field-required')
  const bytes = new Uint8Array(await file.arrayBuffer())
  const { settings } = call.world
  const pieces = generateText(hashBytes(bytes), call.overrides.tokens ?? settings.replyTokens)
  admit(call, model).settle({ outputTokens: pieces.length })
  const text = call.overrides.text ?? pieces.join('').trim()
  return json({ text }, { firstByteMs: call.overrides.firstByteMs ?? settings.firstByteMs })
}

function hashBytes(bytes: Uint8Array): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), 0x811c9dc5) >>> 0
}
