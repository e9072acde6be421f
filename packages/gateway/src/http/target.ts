/** An origin before the path, as in `GET http://host/v1/models`. A server must accept it; only the path counts. */
const absoluteForm = /^https?:\/\/[^/?#]*/i

/**
 * A segment that means "here" or "up", in every spelling that some server on the way decodes: percent-encoded
 * once or more often, between encoded slashes or backslashes, before a path parameter.
 */
const dotSegment = /(?:^|[/\\]|%(?:25)*(?:2f|5c))(?:\.|%(?:25)*2e){1,2}(?:[/\\;]|%(?:25)*(?:2f|5c|3b)|$)/i

/**
 * Path and query below the base path, beginning with `/`; or undefined when the target has none or holds dot
 * segments, which could climb out of the upstream's base path and which no honest client sends.
 */
export function pathOf(target: string, basePath: string): string | undefined {
  let path = target.startsWith('/') ? target : fromAbsoluteForm(target)
  if (path === undefined) return undefined
  const fragment = path.indexOf('#')
  if (fragment !== -1) path = path.slice(0, fragment)
  if (!isBelow(path, basePath)) return undefined
  path = rooted(path.slice(basePath.length))
  return dotSegment.test(pathnameOf(path)) ? undefined : path
}

/**
 * The path below the upstream's base URL that a path of the gateway stands for. `/v1/x`, `/x` and `/api/proxy/x` mean
 * the same; a `/v1` that a client doubled counts once; `/v1beta` is a path of its own.
 */
export function upstreamPath(path: string): string {
  let rest = path
  if (isBelow(rest, '/api/proxy')) rest = rest.slice('/api/proxy'.length)
  while (isBelow(rest, '/v1')) rest = rest.slice('/v1'.length)
  return rooted(rest)
}

/** A path without its query. */
export function pathnameOf(path: string): string {
  const query = path.indexOf('?')
  return query === -1 ? path : path.slice(0, query)
}

/** Whether a path is the prefix or lies below it, by whole segments. */
function isBelow(path: string, prefix: string): boolean {
  if (!path.startsWith(prefix)) return false
  const next = path[prefix.length]
  return next === undefined || next === '/' || next === '?'
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

function fromAbsoluteForm(target: string): string | undefined {
  const origin = absoluteForm.exec(target)
  return origin === null ? undefined : rooted(target.slice(origin[0].length))
}
