import { nameRole } from './name-role.js'
import { secretShape } from './secret-shape.js'

/** Finds the keys in an address: every certain key, and the values of parameters whose name says that they are keys. */
export function secretsInUrl(url: string): string[] {
  const found = new Set<string>()
  for (const run of url.split(/[^A-Za-z0-9_-]+/)) if (secretShape(run) === 'certain') found.add(run)
  for (const pair of url.split(/[?&#]/).slice(1)) {
    const split = pair.indexOf('=')
    const value = pair.slice(split + 1)
    const isNamedSecret = split > 0 && nameRole(pair.slice(0, split)) === 'secret'
    if (isNamedSecret && secretShape(value) === 'possible') found.add(value)
  }
  return [...found]
}
