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
  refuse(access: Access, credentials: Credentials): Refusal | undefined {
    if (access === 'public') return undefined
    if (access === 'admin') return this.#refuseAdmin(credentials)
    if (this.#clients.length === 0) return undefined
    const tokens = tokensOf(credentials)
    if (tokens.some((token) => this.#isClient(token) || this.#isAdmin(token))) return undefined
    return tokens.length === 0 ? missing : unknown
  }

  #refuseAdmin(credentials: Credentials): Refusal | undefined {
    if (this.#admin === undefined) return closed
    const tokens = tokensOf(credentials)
    if (tokens.some((token) => this.#isAdmin(token))) return undefined
    if (tokens.some((token) => this.#isClient(token))) return adminOnly
    return tokens.length === 0 ? missing : unknown
  }

  #isClient(token: Buffer): boolean {
    let found = false
    // No early exit: the time must not tell which of the keys it was.
    for (const known of this.#clients) found = timingSafeEqual(known, token) || found
    return found
  }

  #isAdmin(token: Buffer): boolean {
    return this.#admin !== undefined && timingSafeEqual(this.#admin, token)
  }
}

/** Digests of what was sent: at most the bearer token and the `x-api-key`, which some SDKs send side by side. */
function tokensOf({ authorization, apiKey }: Credentials): Buffer[] {
  const tokens: Buffer[] = []
  if (authorization !== undefined && /^bearer /i.test(authorization)) {
    tokens.push(digest(authorization.slice('bearer '.length).trim()))
  }
  if (apiKey !== undefined) tokens.push(digest(apiKey))
  return tokens
}

function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}
