import { isKnownPath } from './known-paths.js'

/** An origin before the path, as in `GET http://host/v1/models`. A server must accept it; only the path counts. */
const absoluteForm = /^https?:\/\/[^/?#]*/i

/**
 * A segment that means "here" or "up", in every spelling that some server on the way decodes: percent-encoded
 * once or more often, between encoded slashes or backslashes, before what ends a path or is cut off.
 */
const dotSegment =
  /(?:^|[/\\]|%(?:25)*(?:2f|5c))(?:\.|%(?:25)*2e){1,2}(?:[/\\;]|%(?:25)*(?:2f|5c|3b|3f|23|20)|$)/i

/** An encoded control character: some servers end a path there, others drop it, and no honest client sends one. */
const control = /%(?:25)*(?:[01][\da-f]|7f)/i

/** What may make a path another spelling of a simpler one. Most paths hold none of it. */
const unclean = /\/\/|\/(?:\?|$)|%/

/**
 * Encodings that no URL has, and that some servers decode all the same: of UTF-16, and overlong ones of UTF-8, in which
 * a dot or a slash can hide.
 */
const oddCode =
  /%(?:25)*(?:u[\da-f]{4}|(?:c[01]|e0%(?:25)*[89][\da-f]|f0%(?:25)*8[\da-f]%(?:25)*[89ab][\da-f])%(?:25)*[89ab][\da-f])/i

/** An encoded character that means the same when it is not encoded (RFC 3986, 2.3). */
const needlesslyEncoded = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/gi

/** What no decoder takes. A path that holds it stays encoded as it is. */
const malformedCode = /%(?![\da-f]{2})/i

/**
 * Path and query below the base path, beginning with `/`, without doubled and trailing slashes; or undefined when the
 * target has none, or holds control characters or dot segments, which could climb out of the upstream's base path and
 * which no honest client sends.
 */
export function pathOf(target: string, basePath: string): string | undefined {
  let path = target.startsWith('/') ? target : fromAbsoluteForm(target)
  if (path === undefined) return undefined
  const fragment = path.indexOf('#')
  if (fragment !== -1) path = path.slice(0, fragment)
  if (isUnsafe(pathnameOf(path))) return undefined
  if (unclean.test(path)) {
    path = cleaned(path)
    if (isUnsafe(pathnameOf(path))) return undefined
  }
  return isBelow(path, basePath) ? rooted(path.slice(basePath.length)) : undefined
}

/**
 * The path below the upstream's base URL that a path of the gateway stands for; undefined for one that is not the
 * upstream's. `/v1/x` and `/api/proxy/x` mean the same, and so does `/x` where a vendor documents it; a `/v1` that a
 * client doubled counts once.
 */
export function upstreamPath(path: string): string | undefined {
  let rest = path
  if (isBelow(rest, '/api/proxy')) rest = rest.slice('/api/proxy'.length)
  while (isBelow(rest, '/v1')) rest = rest.slice('/v1'.length)
  return rest !== path || isKnownPath(pathnameOf(path)) ? rooted(rest) : undefined
}

const isUnsafe = (pathname: string): boolean =>
  dotSegment.test(pathname) || (pathname.includes('%') && (control.test(pathname) || oddCode.test(pathname)))

/** A path without its query. */
export function pathnameOf(path: string): string {
  const query = path.indexOf('?')
  return query === -1 ? path : path.slice(0, query)
}

/** The simplest spelling of a path. */
function cleaned(path: string): string {
  const pathname = pathnameOf(path)
  const decoded = malformedCode.test(pathname)
    ? pathname
    : pathname.replace(needlesslyEncoded, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
  return decoded.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1') + path.slice(pathname.length)
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
