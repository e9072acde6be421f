import { environmentKeys } from '../input/environment-keys.js'
import { isReadOnce } from '../input/open-file.js'
import { readKeyText } from '../input/read-key-text.js'
import { count } from '../render/count.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** The keys beside the store: those of the key file and of variables. */
export async function checkKeys(context: DoctorContext): Promise<Finding[]> {
  return [...(await keyFile(context)), ...environment(context)]
}

async function keyFile({ settings: { keys: path }, terminal }: DoctorContext): Promise<Finding[]> {
  if (path === undefined) return []
  const id = 'key-file'
  if (isReadOnce(path)) return [ok(id, `${path} can be read only once, so it is left to the server`)]
  try {
    const { keys, rejected, omitted = 0 } = await readKeyText(path, terminal)
    const found = `${path} holds ${count(keys.length, 'key')}`
    if (rejected.length === 0 && keys.length > 0) return [ok(id, found)]
    if (rejected.length === 0) return [warning(id, `${path} holds no key`, 'Put one key in each line')]
    const lines = rejected.slice(0, 5).map(({ line, reason }) => `line ${line}: ${reason}`)
    const more = rejected.length + omitted - lines.length
    const faults = `${lines.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
    return [warning(id, `${found}; ${faults}`, `Mend these lines of ${path}`)]
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [failure(id, message, 'Check --keys, SFPOOL_KEYS or the setting keys')]
  }
}

function environment({ terminal }: DoctorContext): Finding[] {
  const id = 'environment-keys'
  try {
    const keys = environmentKeys(terminal.environment)
    return keys.length === 0 ? [] : [ok(id, `${count(keys.length, 'key')} in variables`)]
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [failure(id, message, 'Set it to one key, or to several separated by commas')]
  }
}
