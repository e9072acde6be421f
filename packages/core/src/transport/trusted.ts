import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as tls from 'node:tls'
import { ConfigError, withheld } from '../errors.js'

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** Whom connections trust when authorities of one's own are added to the usual ones. Throws a `ConfigError`. */
export function trusting(ca: string | readonly string[]): tls.SecureContext {
  const own = typeof ca === 'string' ? [ca] : ca
  const rule = 'must be certificates in PEM form, which begin with -----BEGIN CERTIFICATE-----'
  const blocks = own.map((text) => text.match(block) ?? [])
  if (blocks.length === 0 || blocks.some((found) => found.length === 0))
    throw new ConfigError('ca', rule, withheld)
  try {
    // The context would leave out what it cannot read, without a word.
    for (const certificate of blocks.flat()) new X509Certificate(certificate)
    return tls.createSecureContext({ ca: [...usualAuthorities(), ...own] })
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError('ca', `${rule}, and whole (${reason})`, withheld)
  }
}

/** The authorities that node trusts by itself, with those of NODE_EXTRA_CA_CERTS: a list of one's own replaces them. */
function usualAuthorities(): readonly string[] {
  // Node 22.15 and newer can say.
  const known: unknown = Reflect.get(tls, 'getCACertificates')
  if (typeof known === 'function') return known.call(tls, 'default') as string[]
  const extra = process.env.NODE_EXTRA_CA_CERTS
  if (extra === undefined || extra === '') return tls.rootCertificates
  try {
    return [...tls.rootCertificates, readFileSync(extra, 'utf8')]
  } catch {
    // Node has warned of such a file already, and goes on without it.
    return tls.rootCertificates
  }
}
