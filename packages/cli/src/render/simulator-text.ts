import { maskToken } from '@sfpool/core'
import type { Scenario } from '@sfpool/simulator'

/** A key of a simulated account. */
export interface SampleKey {
  readonly key: string
  readonly account: string
  readonly site: 'cn' | 'com'
}

export function sampleKeys(scenario: Scenario, revealed: boolean): SampleKey[] {
  return scenario.accounts.flatMap(({ id, site = 'cn', keys }) =>
    keys.map((key) => {
      const secret = typeof key === 'string' ? key : key.secret
      return { key: revealed ? secret : maskToken(secret), account: id, site }
    }),
  )
}

/** Lists the addresses and keys of a running simulator. */
export function simulatorText(
  addresses: { readonly cn: string; readonly com: string; readonly control: string },
  keys: readonly SampleKey[],
): string {
  const lines = keys.map(({ key, account, site }) => `  ${key}  ${site}  ${account}`)
  return [
    `cn       ${addresses.cn}`,
    `com      ${addresses.com}`,
    `control  ${addresses.control}`,
    '',
    'KEYS',
    ...lines,
  ].join('\n')
}
