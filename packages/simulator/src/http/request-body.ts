import type { IncomingMessage } from 'node:http'

const empty = Buffer.alloc(0)

/** Reads the whole body; up to `limit` bytes; what is larger is read to its end and thrown away. */
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

/** The body as JSON, whatever its content type claims; `undefined` when it is not JSON. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

/** The body as a form; `undefined` when it is damaged. */
export async function parseForm(body: Buffer, contentType: string): Promise<FormData | undefined> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    return undefined
  }
}
