import { hash, timingSafeEqual } from 'node:crypto'
import { KeyPoolError } from '@sfpool/core'
import { type Refusal, refusal, refusalFrom } from '../http/refusal.js'

/** Who may call a route: any caller, or one with a client key, or one with the admin key. */
export type Access = 'public' | 'client' | 'admin'

/** Whose key a request showed; `anonymous` where no key was needed. */
export type Role = 'admin' | 'client' | 'anonymous'

/** A caller that was let in. */
interface Admitted {
  readonly kind: 'admitted'
  readonly role: Role
  /** The id that usage is recorded under, from which the client key cannot be computed; null for anonymous callers. */
  readonly client: string | null
}

/** A caller that was refused, and the answer that it gets. */
interface Refused {
  readonly kind: 'refused'
  readonly refusal: Refusal
  /** Whether the caller showed an unknown key, rather than none or one that opens other routes. */
  readonly isWrongKey: boolean
}

/** What the gatekeeper decides about one request. */
export type Admission = Admitted | Refused

/** What a request shows to be let in. */
export interface Credentials {
  readonly authorization: string | undefined
  readonly apiKey: string | undefined
}

const challenge: readonly string[] = ['www-authenticate', 'Bearer realm="sfpool"']

const missing = refused(
  refusalFrom(
    new KeyPoolError(
      'invalid_client_key',
      'No client key was sent. Send it as "Authorization: Bearer <key>", "x-api-key: <key>" or "api-key: <key>".',
    ),
    challenge,
  ),
)
const unknown = refused(
  refusalFrom(
    new KeyPoolError(
      'invalid_client_key',
      'The client key is not one of this gateway. Ask its operator for a key, or check for a typing error.',
    ),
    challenge,
  ),
  true,
)
const adminOnly = refused(
  refusal('admin_key_required', 'This route needs the admin key; a client key is not enough.'),
)
const closed = refused(
  refusal(
    'admin_closed',
    'Admin routes are closed, because no admin key is set. Start with --admin-key, SFPOOL_ADMIN_KEY or the option adminKey.',
  ),
)

const anonymous = admitted('anonymous', null)
const admin = admitted('admin', 'admin')

/** The digest of a client key, and the admission of the caller that shows the key. */
interface KnownClient {
  readonly digest: Buffer
  readonly admission: Admitted
}

/** Admitted credentials that are remembered. Each client has one form of them, rarely two. */
const maxRemembered = 1000
/** Spaces make any length of the same credentials: longer ones are not remembered. */
const longestRemembered = 512

/**
 * Decides who may call which route. Keys are kept and compared as digests, in constant time. Credentials that were
 * admitted once are found again without a digest: only right ones are ever remembered, and a map compares strings only
 * if their hashes, which are seeded at random for each process, are the same, so the time taken reveals nothing.
 */
export class Gatekeeper {
  #clients: readonly KnownClient[] = []
  /** Of requests to client routes, by the value of `authorization`, where it is the only credential. */
  readonly #remembered = new Map<string, Admitted>()
  #admin: Buffer | undefined
  #adminLength = 0

  constructor(clientKeys: readonly string[], adminKey: string | undefined) {
    this.replaceKeys(clientKeys, adminKey)
  }

  /** From now on these keys count, and no other. */
  replaceKeys(clientKeys: readonly string[], adminKey: string | undefined): void {
    this.#remembered.clear()
    this.#clients = clientKeys.map((key) => ({
      digest: digest(key),
      admission: admitted('client', clientId(key)),
    }))
    this.#admin = adminKey === undefined ? undefined : digest(adminKey)
    this.#adminLength = adminKey?.length ?? 0
  }

  /** Decides on one request: the role that it passes with, or its refusal. The admin key opens client routes too. */
  admit(access: Access, credentials: Credentials): Admission {
    if (access === 'public') return anonymous
    if (access === 'client' && this.#clients.length === 0) return this.#admitWithoutKey(credentials)
    if (access === 'admin' && this.#admin === undefined) return closed
    const { authorization, apiKey } = credentials
    const isPlain = access === 'client' && authorization !== undefined && apiKey === undefined
    const known = isPlain ? this.#remembered.get(authorization) : undefined
    if (known !== undefined) return known
    const admission = this.#judge(access, credentials)
    if (isPlain && admission.kind === 'admitted') this.#remember(authorization, admission)
    return admission
  }

  #judge(access: Access, { authorization, apiKey }: Credentials): Admission {
    const bearer = bearerOf(authorization)
    // Some SDKs send both headers; either may hold the right key.
    const byBearer = this.#ownerOf(bearer)
    const byApiKey = this.#ownerOf(apiKey)
    if (byBearer === admin || byApiKey === admin) return admin
    const client = byBearer ?? byApiKey
    if (client !== undefined) return access === 'client' ? client : adminOnly
    return bearer === undefined && apiKey === undefined ? missing : unknown
  }

  #remember(authorization: string, admission: Admitted): void {
    if (authorization.length > longestRemembered) return
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear()
    this.#remembered.set(authorization, admission)
  }

  /**
   * Admits a caller that needs no key; the admin key still makes it an administrator. Many clients send some key
   * anyway. It is digested only if it is as long as the admin key, so the time taken can reveal no more than that length.
   */
  #admitWithoutKey({ authorization, apiKey }: Credentials): Admitted {
    if (this.#admin === undefined) return anonymous
    for (const secret of [bearerOf(authorization), apiKey]) {
      if (secret?.length === this.#adminLength && this.#ownerOf(secret) === admin) return admin
    }
    return anonymous
  }

  #ownerOf(secret: string | undefined): Admitted | undefined {
    if (secret === undefined) return undefined
    const digested = digest(secret)
    const isAdmin = this.#admin !== undefined && timingSafeEqual(this.#admin, digested)
    let found: Admitted | undefined
    // No early exit: the time taken must not reveal which key matched.
    for (const known of this.#clients) if (timingSafeEqual(known.digest, digested)) found = known.admission
    return isAdmin ? admin : found
  }
}

function admitted(role: Role, client: string | null): Admitted {
  return Object.freeze({ kind: 'admitted', role, client })
}

function refused(refusal: Refusal, isWrongKey = false): Refused {
  return Object.freeze({ kind: 'refused', refusal, isWrongKey })
}

const scheme = 'bearer '

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization?.slice(0, scheme.length).toLowerCase() !== scheme) return undefined
  return authorization.slice(scheme.length).trim()
}

/** Hashing to a string and copying it takes half the time that a buffer from the hash itself takes. */
function digest(secret: string): Buffer {
  return Buffer.from(hash('sha256', secret, 'binary'), 'latin1')
}

function clientId(key: string): string {
  return `client_${hash('sha256', key, 'hex').slice(0, 16)}`
}
