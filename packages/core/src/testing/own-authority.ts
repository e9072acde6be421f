import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate authority that nobody knows, and a certificate of it for loopback. */
export interface OwnAuthority {
  readonly ca: string
  readonly key: string
  readonly cert: string
}

/** Makes both with openssl. */
export function ownAuthority(): OwnAuthority {
  const directory = mkdtempSync(join(tmpdir(), 'sfpool-ca-'))
  const path = (name: string): string => join(directory, name)
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      path('ca.key'),
      '-out',
      path('ca.pem'),
      '-days',
      '3650',
      '-subj',
      '/CN=A company of the tests',
    )
    openssl(
      'req',
      ...newKey,
      '-keyout',
      path('key.pem'),
      '-out',
      path('request.pem'),
      '-subj',
      '/CN=localhost',
    )
    writeFileSync(path('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    openssl(
      'x509',
      '-req',
      '-in',
      path('request.pem'),
      '-CA',
      path('ca.pem'),
      '-CAkey',
      path('ca.key'),
      '-CAcreateserial',
      '-out',
      path('cert.pem'),
      '-days',
      '3650',
      '-extfile',
      path('names'),
    )
    const text = (name: string): string => readFileSync(path(name), 'utf8')
    return { ca: text('ca.pem'), key: text('key.pem'), cert: text('cert.pem') }
  } finally {
    rmSync(directory, { recursive: true })
  }
}
