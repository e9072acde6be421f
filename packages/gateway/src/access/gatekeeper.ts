import { hash, timingSafeEqual } from 'node:crypto'
import { KeyPoolError } from '@sfpool/core'
import { type Refusal, refusal, refusalFrom } from '../http/refusal.js'

/** Who may call a route. */
export type Access = 'public' | 'client' | 'admin'

/** Whose key a request showed; `stranger` where none was asked for. */
export type Role = 'admin' | 'client' | 'stranger'

/** Somebody who was let in. */
export interface Admission {
  readonly role: Role
  /** Whose usage it is: an id of the client key, from which the key cannot be computed back; null for strangers. */
  readonly client: string | null
}

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

const stranger: Admission = Object.freeze({ role: 'stranger', client: null })
const admin: Admission = Object.freeze({ role: 'admin', client: 'admin' })

/** A client key as it is known here. */
interface KnownClient {
  readonly digest: Buffer
  readonly admission: Admission
}

/** The one place that decides who may call what. Keys are held and compared as digests, in constant time. */
export class Gatekeeper {
  readonly #clients: readonly KnownClient[]
  readonly #admin: Buffer | undefined
  readonly #adminLength: number

  constructor(clientKeys: readonly string[], adminKey: string | undefined) {
    this.#clients = clientKeys.map((key) => ({
      digest: digest(key),
      admission: Object.freeze({ role: 'client', client: clientId(key) }),
    }))
    this.#admin = adminKey === undefined ? undefined : digest(adminKey)
    this.#adminLength = adminKey?.length ?? 0
  }

  /** Why the request may not pass; undefined lets it in. The admin key opens client routes as well. */
  refuse(access: Access, credentials: Credentials): Refusal | undefined {
    const admitted = this.admit(access, credentials)
    return 'role' in admitted ? undefined : admitted
  }

  /** As whom the request may pass, or why it may not. */
  admit(access: Access, credentials: Credentials): Admission | Refusal {
    if (access === 'public') return stranger
    if (access === 'client' && this.#clients.length === 0) return this.#unasked(credentials)
    if (access === 'admin' && this.#admin === undefined) return closed
    const { apiKey } = credentials
    const bearer = bearerOf(credentials.authorization)
    // Some SDKs send both; either may be the one that counts.
    const one = this.#ownerOf(bearer)
    const other = this.#ownerOf(apiKey)
    if (one === admin || other === admin) return admin
    const client = one ?? other
    if (client !== undefined) return access === 'client' ? client : adminOnly
    return bearer === undefined && apiKey === undefined ? missing : unknown
  }

  /**
   * The role of somebody who was not asked for a key. The keys that clients send all the same cost no digest, unless
   * one is as long as the admin key; more than its length cannot be learned from that.
   */
  #unasked({ authorization, apiKey }: Credentials): Admission {
    if (this.#admin === undefined) return stranger
    for (const secret of [bearerOf(authorization), apiKey]) {
      if (secret?.length === this.#adminLength && this.#ownerOf(secret) === admin) return admin
    }
    return stranger
  }

  #ownerOf(secret: string | undefined): Admission | undefined {
    if (secret === undefined) return undefined
    const digested = digest(secret)
    const isAdmin = this.#admin !== undefined && timingSafeEqual(this.#admin, digested)
    let found: Admission | undefined
    // No early exit: the time must not tell which of the keys it was.
    for (const known of this.#clients) if (timingSafeEqual(known.digest, digested)) found = known.admission
    return isAdmin ? admin : found
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

function clientId(key: string): string {
  return `client_${hash('sha256', key, 'hex').slice(0, 16)}`
}
