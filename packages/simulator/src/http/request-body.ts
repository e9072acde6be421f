import type { IncomingMessage } from 'node:http'

const empty = Buffer.alloc(0)

/** Reads the whole body, up to `limit` bytes. A larger body is read to its end and discarded. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | 'too-large' | 'aborted'> {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) {
    return Promise.resolve(empty)
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else chunks.length = 0
    })
    request.on('end', () => {
      const [first = empty] = chunks
      resolve(size > limit ? 'too-large' : chunks.length <= 1 ? first : Buffer.concat(chunks, size))
    })
    request.on('close', () => resolve('aborted'))
    request.on('error', () => resolve('aborted'))
  })
}

/** The parsed body of a request. */
export interface Content {
  /** The body as JSON; `undefined` when it is not JSON. */
  readonly json: unknown
  readonly form: FormData | undefined
  /** The requested model: from the JSON, the form, or an old path. */
  readonly model: string | undefined
}

export async function readContent(body: Buffer, contentType: string, path: string): Promise<Content> {
  const isForm = /^multipart\/form-data/i.test(contentType)
  const form = isForm ? await parseForm(body, contentType) : undefined
  const json = isForm ? undefined : parseJson(body)
  return { json, form, model: findModel(json, form, path) }
}

function findModel(json: unknown, form: FormData | undefined, path: string): string | undefined {
  if (typeof json === 'object' && json !== null && 'model' in json) {
    return typeof json.model === 'string' ? json.model : undefined
  }
  const field = form?.get('model')
  if (typeof field === 'string') return field
  return /^\/v1\/(.+)\/(?:text|image)-to-image$/.exec(path)?.[1]
}

/** Parses the body as JSON, whatever its content type; `undefined` when it is not JSON. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** Parses the body as a form; `undefined` when it is damaged. */
async function parseForm(body: Buffer, contentType: string): Promise<FormData | undefined> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    return undefined
  }
}
