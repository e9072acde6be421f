import type { Key } from '../../key/key.js'
import { Grant, type GrantInput } from '../grant.js'
import { ModelEntry } from '../model-registry.js'

/** What is known of a model that nobody has said anything of. */
const makeModelEntry = (): ModelEntry =>
  new ModelEntry({ name: '', site: 'cn', factsOn: () => undefined, roster: undefined, access: undefined })

/** An attempt under a key, as it begins. */
export function makeTurn(key: Key, changes: Partial<GrantInput> = {}): Grant {
  return new Grant({
    key,
    entry: makeModelEntry(),
    needs: 'any',
    startedAt: 0,
    roster: null,
    quota: null,
    tokens: 0,
    images: 0,
    session: null,
    client: null,
    ...changes,
  })
}
