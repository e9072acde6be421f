import { describe, expect, it } from 'vitest'
import { PoolEmitter } from '../events.js'
import { type Balance, balanceOf } from '../money/balance.js'
import { nothingSpent } from '../money/balance-estimate.js'
import { parseMoney } from '../money/decimal.js'
import { type MinBalance, Thresholds } from '../money/min-balance.js'
import type { Outcome } from '../outcome/outcome.js'
import { PriceBook } from '../price/price-book.js'
import { siliconflow } from '../provider/siliconflow.js'
import type { Grant } from '../selection/grant.js'
import { keyringUnderTest, type WantedMore } from '../testing/keyring-under-test.js'
import { noTokens, type Usage } from '../usage/usage.js'
import { AttemptBilling } from './attempt-billing.js'
import { Ledger } from './ledger.js'

const paid = 'a/paid'
const pro = 'Pro/a/paid'
const unlisted = 'a/unlisted'
const free = 'Qwen/Qwen3-8B'
const provider = siliconflow()
const line = { input: '1000000', output: '1000000' }
/** A yuan a token. */
const prices = new PriceBook([
  {
    date: '2026-10-05',
    source: 'a test',
    sites: { cn: { currency: 'CNY', models: { [paid]: line, [pro]: line, [free]: 'free' } } },
  },
])

const used = (tokens: number): Usage => ({ ...noTokens, promptTokens: tokens, totalTokens: tokens })
const success: Outcome = { kind: 'success', status: 200 }
const broke: Outcome = { kind: 'insufficient-balance', fault: 'funds', status: 402, code: 30001 }

function setUp({ minBalance = null as MinBalance | null } = {}) {
  const events = new PoolEmitter()
  const thresholds = minBalance === null ? null : new Thresholds(minBalance)
  const test = keyringUnderTest({ provider, events, thresholds })
  const { keyring, runtime } = test
  const ledger = new Ledger({ dayOffsetMs: provider.dayOffsetMs })
  const dirtyAccounts: string[] = []
  const billing = new AttemptBilling({
    prices,
    ledger,
    provider,
    runtime,
    events,
    keyring,
    history: null,
    stateWriter: { markSpending: ({ id }) => void dirtyAccounts.push(id) },
  })
  const reported: [string, string, Balance][] = []
  for (const name of ['balance-updated', 'balance-low'] as const)
    events.on(name, ({ account, balance }) => void reported.push([name, account, balance]))
  const end = (grant: Grant, outcome: Outcome, usage: Usage | null = null): void => {
    test.settle(grant, outcome, { usage })
    billing.settled(grant, outcome, { usage, firstOutputMs: null })
  }
  const key = test.add('one', 'acme')
  return {
    ...test,
    key,
    account: key.account,
    ledger,
    dirtyAccounts,
    reported,
    end,
    call(model: string, outcome: Outcome, usage: Usage | null = null, more?: WantedMore) {
      runtime.advance(1)
      const grant = test.grant(model, more)
      runtime.advance(1)
      end(grant, outcome, usage)
    },
    setBalance(amount: string, funds?: readonly [charged: string, gift: string]) {
      const split = funds && { charged: parseMoney(funds[0]), gift: parseMoney(funds[1]) }
      const figure = { amount: parseMoney(amount), funds: split ?? null, currency: 'CNY' }
      const baseline = { source: 'estimated' as const, ...figure, at: runtime.now() }
      keyring.restore(key, { balance: balanceOf(baseline, nothingSpent) })
    },
  }
}

describe('AttemptBilling after a call', () => {
  it('a call is recorded under key, account, model and client, with its cost', () => {
    const { call, ledger, key } = setUp()
    call(paid, success, used(3), { client: 'alice' })
    call(paid, { kind: 'rate-limited', fault: 'limit', status: 429 })
    const [keys, ...models] = ledger.take()
    expect(keys).toMatchObject({ name: key.id, of: 'acme', currency: 'CNY', requests: 2, successes: 1 })
    expect(keys?.cost).toBe(parseMoney('3'))
    expect(models).toMatchObject([
      { name: paid, of: 'alice', promptTokens: 3 },
      { name: paid, of: '', requests: 1, successes: 0 },
    ])
  })

  it('a call has an unknown cost where no price is listed or no usage was reported', () => {
    const { call, setBalance, ledger, account } = setUp()
    setBalance('10')
    call(unlisted, success, used(3))
    call(paid, { kind: 'aborted' })
    call(paid, { kind: 'aborted' }, used(2))
    expect(ledger.take()[0]).toMatchObject({ requests: 3, unknownCosts: 2, cost: parseMoney('2') })
    expect(account.balance).toMatchObject({ amount: '8.00', source: 'estimated' })
    expect(account.tracker?.spent.unknown).toBe(2)
  })

  it('a lookup or an upload, which asks no model for anything, is not recorded', () => {
    const { call, ledger } = setUp()
    call('', success, null, { isFree: true })
    call('', success)
    expect(ledger.hasUnsaved).toBe(false)
    call('', success, noTokens)
    expect(ledger.take()[0]).toMatchObject({ requests: 1, unknownCosts: 1 })
  })

  it('a free call does not change the balance', () => {
    const { call, setBalance, account, dirtyAccounts } = setUp()
    setBalance('10')
    call(free, success, used(1_000))
    expect(account.balance?.amount).toBe('10.00')
    expect(dirtyAccounts).toEqual([])
  })

  it('a call takes its cost from the kind of money that can pay for it', () => {
    const { call, setBalance, account, dirtyAccounts } = setUp()
    setBalance('8', ['5', '3'])
    call(paid, success, used(2))
    call(pro, success, used(1))
    expect(account.balance).toMatchObject({ amount: '5.00', funds: { charged: '4.00', gift: '1.00' } })
    expect(dirtyAccounts).toEqual(['acme', 'acme'])
  })

  it('a call takes nothing from an account without a known balance or without keys', () => {
    const { call, grant, end, keyring, key, account, setBalance, ledger } = setUp()
    call(paid, success, used(1))
    expect(account.balance).toBeNull()
    setBalance('10')
    const last = grant(paid)
    keyring.members.remove(key)
    end(last, success, used(1))
    expect(account.balance?.amount).toBe('10.00')
    expect(ledger.take()[0]?.requests).toBe(2)
  })
})

describe('AttemptBilling after a refusal for lack of money', () => {
  it('a refusal for lack of money sets the balance to zero, whatever the estimate was, and is reported once', () => {
    const { call, grant, end, setBalance, account, reported } = setUp()
    setBalance('10')
    call(paid, success, used(1))
    const [first, second] = [grant(paid), grant(paid)]
    end(first, broke)
    end(second, broke)
    expect(account.balance).toMatchObject({ amount: '0.00', source: 'estimated' })
    expect(account.health.status).toBe('exhausted')
    expect(reported).toMatchObject([['balance-updated', 'acme', { amount: '0.00' }]])
  })

  it('a refusal for lack of money sets an unknown balance to zero', () => {
    const { call, account } = setUp()
    call(paid, broke)
    expect(account.balance).toMatchObject({ amount: '0.00', source: 'estimated', currency: 'CNY' })
  })

  it('a refusal of recharged money leaves the gift part of the balance', () => {
    const { call, setBalance, account } = setUp()
    setBalance('8', ['5', '3'])
    call(pro, broke)
    expect(account.balance).toMatchObject({ amount: '3.00', funds: { charged: '0.00', gift: '3.00' } })
    call(paid, success, used(1))
    expect(account.balance).toMatchObject({ amount: '2.00' })
  })

  it('a refusal for lack of money is ignored when the balance was set after the call began', () => {
    const { grant, end, setBalance, account, runtime } = setUp()
    const late = grant(paid)
    runtime.advance(5)
    setBalance('10')
    end(late, broke)
    expect(account.balance?.amount).toBe('10.00')
  })

  it('a paid call after a refusal for lack of money makes the balance unknown', () => {
    const { call, grant, end, account, runtime, reported } = setUp()
    const early = grant(paid)
    call(paid, broke)
    end(early, success, used(1))
    expect(account.balance).toMatchObject({ amount: '-1.00' })
    runtime.advance(30 * 60_000)
    call(paid, success, used(1))
    expect(account.balance).toMatchObject({ amount: null, source: 'unknown' })
    expect(account.health.status).toBe('ready')
    expect(reported.map(([, , { amount }]) => amount)).toEqual(['0.00', null])
  })
})

it('a paid call makes the balance unknown when the estimate says that nothing is left', () => {
  const { call, setBalance, account } = setUp()
  setBalance('3')
  call(paid, success, used(4))
  expect(account.balance).toMatchObject({ amount: '-1.00' })
  call(free, success, used(1))
  expect(account.balance).toMatchObject({ amount: '-1.00' })
  call(paid, success, used(1))
  expect(account.balance).toMatchObject({ amount: null, source: 'unknown' })
})

describe('an account below minBalance', () => {
  it('an account below minBalance serves only free models, until it has more', () => {
    const { call, setBalance, take, reported, account, keyring, key } = setUp({ minBalance: '5' })
    setBalance('6')
    call(paid, success, used(1))
    expect(take(paid)).toHaveProperty('key')
    call(paid, success, used(1))
    expect(reported).toMatchObject([['balance-low', 'acme', { amount: '4.00' }]])
    expect(take(paid)).toMatchObject({ code: 'all_keys_exhausted' })
    expect(take(free)).toHaveProperty('key', key)
    expect(account.health.status).toBe('ready')
    const { eligibilities } = keyring.survey({ ...paidRequest })
    expect(eligibilities.get(key)).toMatchObject({ why: 'exhausted', detail: 'less than minBalance' })
    setBalance('5')
    expect(take(paid)).toHaveProperty('key', key)
    expect(reported).toHaveLength(1)
  })

  it('an account serves when its balance is unknown, or a week old and below minBalance', () => {
    const { take, setBalance, runtime } = setUp({ minBalance: { CNY: '5' } })
    expect(take(paid)).toHaveProperty('key')
    setBalance('1')
    expect(take(paid)).toMatchObject({ code: 'all_keys_exhausted' })
    runtime.advance(7 * 24 * 3_600_000)
    expect(take(paid)).toHaveProperty('key')
  })

  it('an account below minBalance is tried again some time after a refusal for lack of money', () => {
    const { call, setBalance, take, runtime, account } = setUp({ minBalance: '5' })
    setBalance('6')
    call(paid, broke)
    expect(account.isLow).toBe(true)
    runtime.advance(30 * 60_000)
    expect(take(paid)).toHaveProperty('key')
  })

  it('accounts with enough money serve in place of an account below minBalance', () => {
    const { add, setBalance, grant, keyring } = setUp({ minBalance: '5' })
    const rich = add('two')
    keyring.restore(rich, {
      balance: { amount: '50', currency: 'CNY', source: 'known', at: 1 },
    })
    setBalance('1')
    expect([grant(paid).key, grant(paid).key, grant(paid).key]).toEqual([rich, rich, rich])
  })
})

const paidRequest = {
  model: paid,
  now: 0,
  tried: null,
  lastResorts: 0,
  account: null,
  promptTokens: 0,
  maxOutput: null,
  images: 0,
  isStream: false,
  isFree: false,
  session: null,
}
