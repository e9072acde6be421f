import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { isObject, readParams, requireText, resolveModel } from '../http/params.js'
import { wordId } from '../reply/ids.js'
import { json, type Reply } from '../reply/reply.js'

/** `POST /uploads/audio/voice`: uploads a voice as a form or as JSON. The voice belongs to the account. */
export function uploadVoice(call: AccountCall): Reply {
  const { account, world } = call
  if (account.status === 'unverified') throw apiError('voice-real-name-required')
  const model = resolveModel(call, ['text-to-speech'])
  const customName = requireField(call, 'customName')
  const text = requireField(call, 'text')
  requireAudio(call)
  const owner = account.id.replace(/[^A-Za-z0-9-]/g, '')
  const id = `speech:${customName}:${owner}:${wordId(world.runtime.random, 20)}`
  world.resources.voices.put(account.id, { id, model: model.id, customName, text })
  return json({ uri: id })
}

/** `GET /audio/voice/list`: lists the account's voices, newest first. */
export function listVoices({ account, world }: AccountCall): Reply {
  const results = world.resources.voices
    .list(account.id)
    .map(({ id, model, customName, text }) => ({ model, customName, text, uri: id }))
  return json({ results })
}

/** `POST /audio/voice/deletions`: deletes a voice. */
export function deleteVoice(call: AccountCall): Reply {
  const uri = requireText(readParams(call), 'uri')
  if (!call.world.resources.voices.remove(call.account.id, uri)) throw apiError('voice-not-found')
  return json('Ok')
}

function requireField({ form, json: body }: AccountCall, name: string): string {
  const value = form?.get(name) ?? (isObject(body) ? body[name] : undefined)
  if (typeof value !== 'string' || value === '') throw apiError('field-required')
  return value
}

function requireAudio({ form, json: body }: AccountCall): void {
  const file = form?.get('file') ?? undefined
  const audio = isObject(body) ? body.audio : undefined
  if (file === undefined && audio === undefined) throw apiError('field-required')
  const isGood =
    file instanceof File
      ? file.size > 0
      : typeof audio === 'string' && /^data:audio\/[^;]+;base64,\S+$/.test(audio)
  if (!isGood) throw apiError('voice-unreadable')
}
