import { hash, timingSafeEqual } from 'node:crypto'
import { KeyPoolError } from '@sfpool/core'
import { type Refusal, refusal, refusalFrom } from './refusal.js'

/** Who may call a route. */
export type Access = 'public' | 'client' | 'admin'

/** What a request shows to be let in. */
export interface Credentials {
  readonly authorization: string | undefined
  readonly apiKey: string | undefined
}

const challenge: readonly string[] = ['www-authenticate', 'Bearer realm="sfpool"']

const missing = refusalFrom(
  new KeyPoolError(
    'invalid_client_key',
    'No client key was sent. Send it as "Authorization: Bearer <key>" or "x-api-key: <key>".',
  ),
  challenge,
)
const unknown = refusalFrom(
  new KeyPoolError(
    'invalid_client_key',
    'The client key is not one of this gateway. Ask whoever runs it for a key, or check for a typing error.',
  ),
  challenge,
)
const adminOnly = refusal('admin_key_required', 'This route needs the admin key; a client key is not enough.')
const closed = refusal(
  'admin_closed',
  'Admin routes are closed, because no admin key is set. Start with --admin-key, SFPOOL_ADMIN_KEY or the option adminKey.',
)

/** The one place that decides who may call what. Keys are held and compared as digests, in constant time. */
export class Gatekeeper {
  readonly #clients: readonly Buffer[]
  readonly #admin: Buffer | undefined

  constructor(clientKeys: readonly string[], adminKey: string | undefined) {
    this.#clients = clientKeys.map(digest)
    this.#admin = adminKey === undefined ? undefined : digest(adminKey)
  }

  /** Why the request may not pass; undefined lets it in. The admin key opens client routes as well. */
  refuse(access: Access, { authorization, apiKey }: Credentials): Refusal | undefined {
    if (access === 'public' || (access === 'client' && this.#clients.length === 0)) return undefined
    if (access === 'admin' && this.#admin === undefined) return closed
    const bearer = bearerOf(authorization)
    // Some SDKs send both; either may be the one that counts.
    const roles = [this.#roleOf(bearer), this.#roleOf(apiKey)]
    if (roles.includes('admin')) return undefined
    if (roles.includes('client')) return access === 'client' ? undefined : adminOnly
    return bearer === undefined && apiKey === undefined ? missing : unknown
  }

  #roleOf(secret: string | undefined): 'admin' | 'client' | undefined {
    if (secret === undefined) return undefined
    const digested = digest(secret)
    const isAdmin = this.#admin !== undefined && timingSafeEqual(this.#admin, digested)
    let isClient = false
    // No early exit: the time must not tell which of the keys it was.
    for (const known of this.#clients) isClient = timingSafeEqual(known, digested) || isClient
    return isAdmin ? 'admin' : isClient ? 'client' : undefined
  }
}

const scheme = 'bearer '

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization?.slice(0, scheme.length).toLowerCase() !== scheme) return undefined
  return authorization.slice(scheme.length).trim()
}

/** A string makes half the work of a buffer made by the hash itself. */
function digest(secret: string): Buffer {
  return Buffer.from(hash('sha256', secret, 'binary'), 'latin1')
}
