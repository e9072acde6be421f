import type { IncomingHttpHeaders } from 'node:http'
import type { Account } from '../account/account.js'
import type { SiteName } from '../catalogue/model.js'
import { apiError } from '../errors/api-error.js'
import type { World } from '../world.js'
import type { AccountCall, Call } from './call.js'

/** The caller of a request, as far as its headers identify it. */
export interface Caller {
  secret: string | undefined
  /** Whether the key came as a bearer token. Not every route accepts it in `x-api-key`. */
  isBearer: boolean
  account: Account | undefined
  isRevoked: boolean
}

export function identify({ accounts }: World, site: SiteName, headers: IncomingHttpHeaders): Caller {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const apiKey = headers['x-api-key']
  const secret = bearer ?? (typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined)
  const entry = secret === undefined ? undefined : accounts.findKey(site, secret)
  return {
    secret,
    isBearer: bearer !== undefined,
    account: entry?.account,
    isRevoked: entry?.status === 'revoked',
  }
}

/** Returns the call with its account. Throws the platform's 401 or 403 when the key or account is not good. */
export function authenticate(call: Call, caller: Caller, takesApiKey: boolean): AccountCall {
  const isClassic = call.world.settings.regime === 'classic'
  const { secret, account, isBearer, isRevoked } = caller
  if (secret === undefined || !(isBearer || takesApiKey)) {
    throw apiError(isClassic ? 'token-missing-classic' : 'token-invalid')
  }
  if (account === undefined || isRevoked)
    throw apiError(isClassic ? 'token-invalid-classic' : 'token-invalid')
  if (account.status === 'disabled') throw apiError('user-disabled')
  if (account.status === 'expired') throw apiError('user-expired')
  return { ...call, account, secret }
}
