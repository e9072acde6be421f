import type { ServerResponse } from 'node:http'
import { mp4 } from '../reply/mp4.js'
import { png } from '../reply/png.js'
import type { World } from '../world.js'
import type { Call } from './call.js'

export const objectPath = '/_sim/objects/'

/** Returns the address of a generated object. It contains its own expiry, so that nothing has to be stored. */
export function objectUrl(
  { world, origin }: Pick<Call, 'world' | 'origin'>,
  name: string,
  generatedAt: number,
): string {
  const expiresAt = Math.floor(generatedAt + world.settings.urlLifetimeMs)
  return `${origin}${objectPath}${expiresAt}/${name}`
}

/** Serves generated images and videos without a key, until they expire. */
export function serveObject({ runtime }: World, url: string, response: ServerResponse): void {
  const match = /^(\d{1,16})\/(\d{1,16})(?:-(\d{2,4})x(\d{2,4}))?\.(png|mp4)$/.exec(
    url.slice(objectPath.length),
  )
  if (match === null) return refuse(response, 404, 'NoSuchKey')
  const [, expiresAt, seed = '0', width = '16', height = '16', kind] = match
  if (Number(expiresAt) < runtime.now()) return refuse(response, 403, 'AccessDenied')
  const body =
    kind === 'png'
      ? png({ width: Number(width), height: Number(height), seed: Number(seed) })
      : mp4(Number(seed))
  const type = kind === 'png' ? 'image/png' : 'video/mp4'
  response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body)
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body)
}
