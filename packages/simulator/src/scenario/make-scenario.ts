import type { Limits } from '../account/limits.js'
import type { SiteName } from '../catalogue/model.js'
import { fakeKey } from './fake-key.js'
import type { AccountInput, AccountStatus, MoneyInput, Scenario } from './scenario.js'

export interface ScenarioRecipe extends Omit<Scenario, 'accounts'> {
  /** The number of accounts `account-1`, `account-2`, … @default 1 */
  accounts?: number
  /** @default 1 */
  keysPerAccount?: number
  /** @default 'cn' */
  site?: SiteName
  /** The prefix of each account's id. @default 'account' */
  idPrefix?: string
  /** The money of each account. Default: 1000 of recharged money. */
  money?: MoneyInput
  /** @default 'ok' */
  status?: AccountStatus
  /** The limits of each account for every model. Default: none, so that only faults disturb a test. */
  limits?: Limits
}

/** Makes a scenario of equal accounts, with readable keys that are always the same. */
export function makeScenario(recipe: ScenarioRecipe = {}): Scenario {
  const {
    accounts = 1,
    keysPerAccount = 1,
    site = 'cn',
    idPrefix = 'account',
    money,
    status,
    limits,
    ...rest
  } = recipe
  const made = Array.from({ length: accounts }, (_, index): AccountInput => {
    const number = index + 1
    return {
      id: `${idPrefix}-${number}`,
      site,
      ...(status === undefined ? {} : { status }),
      keys: Array.from({ length: keysPerAccount }, (_, key) =>
        fakeKey('fake', site, 'key', key + 1, idPrefix, number),
      ),
      money: money ?? { charged: '1000' },
      limits: { '*': limits ?? {} },
    }
  })
  return { accounts: made, ...rest }
}

/** Lists the keys of a scenario in order, including revoked keys. A named site limits the list to its keys. */
export function keysOf({ accounts }: Scenario, site?: SiteName): string[] {
  return accounts
    .filter((account) => site === undefined || (account.site ?? 'cn') === site)
    .flatMap(({ keys }) => keys.map((key) => (typeof key === 'string' ? key : key.secret)))
}
