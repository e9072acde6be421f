import type { StoredQuota } from '../../key/account.js'
import type { Health } from '../../key/account-health.js'
import type { Cooldown } from '../../key/cooldown.js'
import type { StoredAccountState } from '../store.js'
import { type RowFormat, selectRows } from './rows.js'

/** An account exists while a key names it; one without a name, while the key exists whose id it has. */
export const accountExists = (id: string): string => `(
  EXISTS (SELECT 1 FROM keys WHERE keys.account = ${id})
  OR EXISTS (SELECT 1 FROM keys WHERE keys.id = ${id} AND keys.account IS NULL))`

type AccountStateRow = readonly [
  seq: number,
  id: string,
  health: Health,
  cooldowns: readonly Cooldown[],
  quotas: readonly StoredQuota[],
]

export const accountStateRows: RowFormat<StoredAccountState> = {
  write: `
    INSERT INTO account_states (id, health, cooldowns, quotas)
    SELECT value ->> 0, value -> 1, value -> 2, value -> 3
    FROM json_each(?) WHERE ${accountExists('value ->> 0')}
    ON CONFLICT (id) DO UPDATE SET health = excluded.health, cooldowns = excluded.cooldowns,
      quotas = excluded.quotas`,
  read: selectRows('account_states', 'id, json(health), json(cooldowns), json(quotas)'),
  toRow: (state) => [state.id, state.health, state.cooldowns, state.quotas],
  fromRow: ([, id, health, cooldowns, quotas]: AccountStateRow) => ({ id, health, cooldowns, quotas }),
}
