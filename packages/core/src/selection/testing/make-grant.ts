import type { Key } from '../../key/key.js'
import { Grant, type GrantInput } from '../grant.js'
import { ModelEntry } from '../model-registry.js'

/** A model without facts, rules or history. */
const makeModelEntry = (): ModelEntry =>
  new ModelEntry({ name: '', site: 'cn', factsOn: () => undefined, roster: undefined, access: undefined })

/** Makes an attempt under a key, as it begins. */
export function makeGrant(key: Key, changes: Partial<GrantInput> = {}): Grant {
  return new Grant({
    key,
    entry: makeModelEntry(),
    askedModel: '',
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
