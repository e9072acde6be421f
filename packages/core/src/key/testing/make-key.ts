import { Account } from '../account.js'
import { fingerprint } from '../fingerprint.js'
import type { KeyAccount } from '../key.js'
import { Key } from '../key.js'
import { Secret } from '../secret.js'

/** An obviously fake token, another one for each name. */
export function fakeToken(name: string): string {
  return `sk-fake${name.replaceAll(/[^a-z0-9]/gi, '').padStart(24, '0')}`
}

/** A key of that name, alone in its account unless one is given. */
export function makeKey(name: string, account?: KeyAccount): Key {
  const token = fakeToken(name)
  const id = fingerprint(token)
  const key = new Key({
    id,
    secret: new Secret(token),
    account: account ?? new Account<Key>(id),
    site: 'cn',
    label: name,
    weight: 1,
    enabled: true,
    addedAt: 0,
  })
  key.account.keys.add(key)
  return key
}
