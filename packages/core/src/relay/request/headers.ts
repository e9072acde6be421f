/**
 * The client's headers that the upstream does not get: those of one connection, the client's keys for this pool,
 * cookies, every header that reveals where the client is, and those that make another request of this one. The pool
 * sets `accept-encoding` itself, because its transport decodes; `content-length` follows from the body.
 */
const privateToClient = new Set([
  'accept-encoding',
  'api-key',
  'apikey',
  'authorization',
  'azure-api-key',
  'cdn-loop',
  'client-ip',
  'connection',
  'content-length',
  'cookie',
  'cookie2',
  'expect',
  'fastly-client-ip',
  'fly-client-ip',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'max-forwards',
  'ocp-apim-subscription-key',
  'origin',
  'proxy',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'referer',
  'remote-addr',
  'remote-user',
  'ssl-client-cert',
  'te',
  'trailer',
  'transfer-encoding',
  'true-client-ip',
  'upgrade',
  'via',
  'x-access-token',
  'x-amz-security-token',
  'x-api-key',
  'x-apikey',
  'x-auth-key',
  'x-auth-token',
  'x-authorization',
  'x-client-cert',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-csrf-token',
  'x-goog-api-key',
  'x-host',
  'x-http-destinationurl',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-http-path-override',
  'x-http-url',
  'x-method',
  'x-method-override',
  'x-originating-ip',
  'x-override-url',
  'x-path-override',
  'x-proxy-url',
  'x-real-ip',
  'x-remote-addr',
  'x-remote-ip',
  'x-remote-user',
  'x-request-uri',
  'x-request-url',
  'x-session-token',
  'x-token',
  'x-uri',
  'x-url',
  'x-user-ip',
  'x-xsrf-token',
])

/**
 * The upstream's headers that the client does not get: those of its connection, cookies and transport security, what a
 * browser would keep or obey for the site of the gateway, and what a server in front of the gateway would obey.
 */
const privateToUpstream = new Set([
  'accept-ch',
  'accept-ch-lifetime',
  'activate-storage-access',
  'alt-svc',
  'attribution-reporting-register-source',
  'attribution-reporting-register-trigger',
  'clear-site-data',
  'connection',
  'content-security-policy-report-only',
  'critical-ch',
  'expect-ct',
  'keep-alive',
  'nel',
  'observe-browsing-topics',
  'origin-trial',
  'proxy-authenticate',
  'proxy-connection',
  'public-key-pins',
  'public-key-pins-report-only',
  'refresh',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'set-cookie',
  'set-cookie2',
  'set-login',
  'sourcemap',
  'speculation-rules',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'use-as-dictionary',
  'x-accel-buffering',
  'x-accel-charset',
  'x-accel-expires',
  'x-accel-limit-rate',
  'x-accel-redirect',
  'x-lighttpd-send-file',
  'x-reproxy-file',
  'x-reproxy-url',
  'x-sendfile',
  'x-sourcemap',
])

/**
 * Adds families of headers by their prefix: what proxies and browsers add about the client, other methods and paths
 * than the request's own, and sfpool's own. Many servers read `_` in a name as `-`.
 */
const isPrivateToClient = (spelled: string): boolean => {
  const name = spelled.includes('_') ? spelled.replaceAll('_', '-') : spelled
  return privateToClient.has(name) || isOfPrivateFamily(name)
}

const isOfPrivateFamily = (name: string): boolean =>
  name.startsWith('x-forwarded') ||
  name.startsWith('x-original-') ||
  name.startsWith('x-rewrite-') ||
  name.startsWith('x-envoy-') ||
  name.startsWith('x-override-') ||
  name.startsWith('x-azure-') ||
  name.startsWith('x-appengine-') ||
  name.startsWith('x-nf-') ||
  name.startsWith('x-vercel-') ||
  name.startsWith('cf-') ||
  name.startsWith('sec-') ||
  name.startsWith(ourPrefix)

const ourPrefix = 'x-sfpool-'

/** The client's headers for the upstream, as a flat list with names in lower case. */
export function upstreamHeaders(received: readonly string[]): string[] {
  const kept: string[] = ['accept-encoding', 'identity']
  const named = connectionNames(received)
  for (let at = 0; at + 1 < received.length; at += 2) {
    const name = (received[at] as string).toLowerCase()
    if (!isPrivateToClient(name) && !(named?.has(name) ?? false)) kept.push(name, received[at + 1] as string)
  }
  return kept
}

/** The upstream's headers for the client, without the one that the pool sets itself; names arrive in lower case. */
export function clientHeaders(received: readonly string[], replaced?: string): string[] {
  const kept: string[] = []
  const named = connectionNames(received)
  for (let at = 0; at + 1 < received.length; at += 2) {
    const name = received[at] as string
    if (privateToUpstream.has(name) || name === replaced || name.startsWith(ourPrefix)) continue
    if (!(named?.has(name) ?? false)) kept.push(name, received[at + 1] as string)
  }
  return kept
}

/** The headers that `Connection` declares to belong to one hop (RFC 9110, 7.6.1); undefined for none. */
function connectionNames(headers: readonly string[]): Set<string> | undefined {
  let named: Set<string> | undefined
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue
    const value = (headers[at + 1] as string).toLowerCase()
    if (value === 'keep-alive' || value === 'close') continue
    named ??= new Set()
    for (const part of value.split(',')) named.add(part.trim())
  }
  return named
}
