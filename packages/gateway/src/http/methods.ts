import { type Refusal, refusal } from './refusal.js'

/**
 * Methods that no route takes. The answer to TRACE and TRACK repeats the request, and with it the key of the pool that
 * it was sent under; CONNECT would make the gateway a tunnel.
 */
const forbidden = new Set(['CONNECT', 'TRACE', 'TRACK'])

const allow: readonly string[] = ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']

/** Whether a method is refused on every path, however it is spelled. */
export function isForbidden(method: string): boolean {
  // No other method in use is as long as these, so most need no copy in upper case.
  return (method.length === 5 || method.length === 7) && forbidden.has(method.toUpperCase())
}

/** The refusal of a method that no route takes. */
export function refusedMethod(method: string): Refusal {
  return refusal(
    'method_not_allowed',
    `${method} is not served here; use a method of the API, like POST.`,
    allow,
  )
}
