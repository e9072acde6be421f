import { accessKeys } from '../serve/access-keys.js'
import { warn } from '../serve/warn.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** The keys that callers of a server must present, and what makes it less safe than it seems. */
export async function checkAccess(context: DoctorContext): Promise<Finding[]> {
  const { settings } = context
  const { assertSafeBinding } = await import('@sfpool/gateway')
  const access = await accessKeys(settings)
  const said: string[] = []
  await warn({ ...context, say: (text) => said.push(text) }, access)
  const weaknesses = said.map(weakness)
  try {
    assertSafeBinding(settings.host, access)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [failure('access.host', message, 'Set --client-key, or listen on 127.0.0.1'), ...weaknesses]
  }
  const clients =
    access.clientKeys === undefined
      ? 'no client key: open to this machine only'
      : `clients need a key (${access.clientKeys.length} of them)`
  const admin =
    access.adminKey === undefined ? 'no admin key: administration is closed' : 'administration needs its key'
  return [ok('access', `${clients}; ${admin}`), ...weaknesses]
}

/** A warning of a server, which says after a semicolon what to do. */
function weakness(text: string): Finding {
  const [message = text, mend] = text.replace(/^warning: /, '').split(/; (?=run:|make|change)/)
  return warning('access.weak', message, mend ?? 'Set --client-key')
}
