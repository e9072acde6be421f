import type { Limits } from '../account/limits.js'
import type { SiteName } from '../catalogue/model.js'
import { fakeKey } from './fake-key.js'
import type { AccountInput, AccountStatus, MoneyInput, Scenario } from './scenario.js'

export interface ScenarioRecipe extends Omit<Scenario, 'accounts'> {
  /** Accounts to make, `account-1`, `account-2`, … @default 1 */
  accounts?: number
  /** @default 1 */
  keysPerAccount?: number
  /** @default 'cn' */
  site?: SiteName
  /** The start of each account's id. @default 'account' */
  idPrefix?: string
  /** What each account owns. Default: 1000 of recharged money. */
  money?: MoneyInput
  /** @default 'ok' */
  status?: AccountStatus
  /** Limits of each account for every model. Default: none, so that nothing but faults stands in a test's way. */
  limits?: Limits
}

/** A scenario of equal accounts with readable keys that are the same every time. */
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

/** Every key of a scenario in order, those of one site if it is named; revoked keys included. */
export function keysOf({ accounts }: Scenario, site?: SiteName): string[] {
  return accounts
    .filter((account) => site === undefined || (account.site ?? 'cn') === site)
    .flatMap(({ keys }) => keys.map((key) => (typeof key === 'string' ? key : key.secret)))
}
