import { writeFileSync } from 'node:fs'
import { fakeKey } from '@sfpool/simulator'
import { beforeAll, describe, expect, it } from 'vitest'
import { ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'

beforeAll(ensureBuilt)

async function homeWithKeys(): Promise<Home> {
  const home = createHome()
  writeFileSync(home.path('keys.txt'), `${fakeKey('a', 1)}\n${fakeKey('a', 2)}\n`)
  await home.run(['add', '-f', 'keys.txt', '--account', 'acme'])
  await home.run(['add', fakeKey('b'), '--label', 'spare'])
  return home
}

async function amounts(home: Home, ...args: string[]): Promise<unknown[]> {
  const { stdout, stderr, code } = await home.run(['balance', '--json', ...args])
  expect([code, stderr]).toEqual([0, expect.any(String)])
  const { accounts } = JSON.parse(stdout) as { accounts: { balance: { amount: string | null } }[] }
  return accounts.map(({ balance }) => balance.amount)
}

describe('balance --set and --top-up', () => {
  it('an entered balance is recorded once per account, not per key', async () => {
    using home = await homeWithKeys()
    expect(await amounts(home, '--account', 'acme', '--set', '50')).toEqual(['50.00', null])
    expect(await amounts(home, '--account', 'acme', '--top-up', '12.50')).toEqual(['62.50', null])
    expect(await amounts(home, 'spare', '--set', '3')).toEqual(['62.50', '3.00'])
    expect(await amounts(home)).toEqual(['62.50', '3.00'])
  })

  it('an entered balance that makes no sense is refused', async () => {
    using home = await homeWithKeys()
    for (const [args, words] of [
      [['spare', '--top-up', '5'], 'no balance is known for the account of sk-'],
      [['--top-up', '5'], 'no keys were selected'],
      [['spare', '--top-up', '0.00'], '--top-up must be an amount above 0'],
      [['spare', '--set', '1', '--top-up', '5'], 'cannot be combined'],
      [['spare'], 'not for single keys'],
      [['nobody', '--set', '1'], 'No key matches'],
    ] as const)
      expect(await home.run(['balance', ...args])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(words),
      })
    expect(await amounts(home)).toEqual([null, null])
  })
})
