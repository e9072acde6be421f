import type { StoredQuota } from '../../key/account.js'
import type { Health } from '../../key/account-health.js'
import type { Cooldown } from '../../key/cooldown.js'
import type { StoredAccountState } from '../store.js'
import { type RowFormat, selectRows } from './rows.js'

/** An account exists while a key names it; one without a name, while the key exists whose id it has. */
export const accountExists = (upstream: string, id: string): string => `(
  EXISTS (SELECT 1 FROM keys WHERE keys.account = ${id} AND keys.upstream = ${upstream})
  OR EXISTS (SELECT 1 FROM keys WHERE keys.id = ${id} AND keys.account IS NULL AND keys.upstream = ${upstream}))`

type AccountStateRow = readonly [
  seq: number,
  upstream: string,
  id: string,
  health: Health,
  cooldowns: readonly Cooldown[],
  quotas: readonly StoredQuota[],
]

export const accountStateRows: RowFormat<StoredAccountState> = {
  write: `
    INSERT INTO account_states (upstream, id, health, cooldowns, quotas)
    SELECT value ->> 0, value ->> 1, value -> 2, value -> 3, value -> 4
    FROM json_each(?) WHERE ${accountExists('value ->> 0', 'value ->> 1')}
    ON CONFLICT (upstream, id) DO UPDATE SET health = excluded.health, cooldowns = excluded.cooldowns,
      quotas = excluded.quotas`,
  read: selectRows('account_states', 'upstream, id, json(health), json(cooldowns), json(quotas)'),
  toRow: (state) => [state.upstream, state.id, state.health, state.cooldowns, state.quotas],
  fromRow: ([, upstream, id, health, cooldowns, quotas]: AccountStateRow) => ({
    upstream,
    id,
    health,
    cooldowns,
    quotas,
  }),
}
