import { ConfigError } from '@sfpool/core'
import type { HonoRequest } from 'hono'

/** A body that the app read through hono, and the headers that describe it. */
export interface BodyRead {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly headers: Headers
}

/**
 * Takes a body that the app read through `c.req` out of hono's cache: the original bytes, or a form written anew.
 * Rejects with a `ConfigError` when the app read it from `c.req.raw`, because hono has no copy then.
 */
export async function bodyReadByHono(request: HonoRequest): Promise<BodyRead> {
  const [source] = Object.keys(request.bodyCache)
  const headers = new Headers(request.raw.headers)
  if (source === undefined) {
    throw new ConfigError(
      'body',
      'was read from c.req.raw before it reached the key pool, so it is gone: read it through c.req, or mount the pool first',
      request.header('content-type') ?? 'a body without content type',
    )
  }
  if (source !== 'formData') return { bytes: new Uint8Array(await request.arrayBuffer()), headers }
  const form = new Response(await request.formData())
  // A form written anew has a new boundary.
  headers.set('content-type', form.headers.get('content-type') ?? '')
  return { bytes: new Uint8Array(await form.arrayBuffer()), headers }
}
