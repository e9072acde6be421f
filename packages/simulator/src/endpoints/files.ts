import { apiError, invalidParameter } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { isObject, readLimit } from '../http/params.js'
import { wordId } from '../reply/ids.js'
import { json, type Reply } from '../reply/reply.js'
import { countTokens } from '../reply/tokens.js'
import type { BatchLine, StoredFile } from '../resources.js'

const maxLines = 5000
const defaultOutputTokens = 16

/** `POST /files`: uploads a file by form. The file belongs to the account. */
export async function uploadFile(call: AccountCall): Promise<Reply> {
  const { form, account, world } = call
  const purpose = form?.get('purpose')
  if (purpose !== 'batch') throw apiError('file-purpose-invalid')
  const file = form?.get('file')
  if (!(file instanceof File)) throw apiError('field-required')
  const stored: StoredFile = {
    id: `file-${wordId(world.runtime.random, 10)}`,
    bytes: file.size,
    createdAt: Math.floor(world.runtime.now() / 1000),
    filename: file.name,
    purpose,
    lines: readLines(await file.text()),
  }
  world.resources.files.put(account.id, stored)
  const { id, bytes, createdAt, filename } = stored
  // The upload writes `createdAt` and the list `created_at`, as the platform does.
  return envelope({ id, object: 'file', bytes, createdAt, filename, purpose })
}

/** `GET /files?purpose=batch`: lists the account's files, newest first. */
export function listFiles(call: AccountCall): Reply {
  const { query, account, world } = call
  const purpose = query.get('purpose')
  if (purpose === null || purpose === '') throw apiError('field-required')
  const limit = readLimit(call)
  const files = world.resources.files.list(account.id).filter((file) => file.purpose === purpose)
  const data = files.slice(0, limit).map(({ id, bytes, createdAt, filename, lines }) => ({
    ...{ id, object: 'file', bytes, created_at: createdAt, filename, purpose, line_count: lines.length },
  }))
  return envelope({ data, object: 'file' })
}

/** `DELETE /files/{id}`: deletes a file. */
export function deleteFile({ account, world }: AccountCall, id: string): Reply {
  if (!world.resources.files.remove(account.id, id)) throw apiError('file-not-found')
  return envelope({ id, object: 'file', deleted: true })
}

function envelope(data: unknown): Reply {
  return json({ code: 20_000, message: 'Ok', status: true, data })
}

function readLines(text: string): BatchLine[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > maxLines) throw apiError('batch-file-too-long')
  return lines.map((line, index) => readLine(line, index + 1))
}

function readLine(text: string, number: number): BatchLine {
  let body: unknown
  try {
    const line: unknown = JSON.parse(text)
    body = isObject(line) ? line.body : undefined
  } catch {
    // Reported below, with the line number.
  }
  if (!isObject(body))
    throw invalidParameter(`line ${number} of the file should be a JSON object with a body`)
  const { model, messages, max_tokens: maxTokens } = body
  return {
    model: typeof model === 'string' ? model : undefined,
    promptTokens: countTokens(JSON.stringify(messages ?? '')),
    outputTokens:
      typeof maxTokens === 'number' ? Math.min(maxTokens, defaultOutputTokens) : defaultOutputTokens,
  }
}
