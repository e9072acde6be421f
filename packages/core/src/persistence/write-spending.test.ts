import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Account } from '../key/account.js'
import type { Key } from '../key/key.js'
import { memoryStore } from '../store/memory/memory-store.js'
import { storedKey } from '../store/testing/stored-keys.js'
import { troubledStore } from '../testing/troubled-store.js'
import { writeSpending } from './write-spending.js'

const entered = (amount: string, at = 100) => ({ amount, currency: 'CNY', source: 'estimated' as const, at })

/** Two processes with one store, each with its own view of the one account. */
async function twoProcesses() {
  const base = memoryStore()
  await base.putKeys([storedKey(0, { account: 'acme' })])
  const store = troubledStore(base)
  const changed: string[] = []
  const process = (name: string) => {
    const account = new Account<Key>('acme')
    const save = () =>
      writeSpending({
        store,
        ledger: null,
        dirtyAccounts: [account],
        now: 200,
        onBalance: () => void changed.push(name),
      })
    return { account, charge: (cost: bigint) => account.charge({ cost, isCharged: false }, 150), save }
  }
  const [one, other] = [process('one'), process('other')]
  one.account.balance = entered('1000')
  await one.save()
  other.account.balance = entered('1000')
  const [stored] = (await base.load()).balances
  if (stored !== undefined && other.account.tracker !== null)
    other.account.tracker = other.account.tracker.rebased(stored.baseline, stored.spent)
  return { base, store, one, other, changed }
}

describe('what two processes spend of one account', () => {
  it('the spending of two processes adds up, in whatever order they save, and whatever fails in between', async () => {
    const step = fc.record({
      who: fc.boolean(),
      what: fc.oneof(
        fc.record({ cost: fc.bigInt({ min: 1n, max: 10n ** 13n }) }),
        fc.constant('save' as const),
        fc.constant('fail' as const),
      ),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { base, store, one, other } = await twoProcesses()
        let total = 0n
        for (const { who, what } of steps) {
          const process = who ? one : other
          if (typeof what === 'object') {
            total += what.cost
            process.charge(what.cost)
          } else if (what === 'save') await process.save()
          else {
            store.broken.add('addUsage')
            await process.save().catch(() => {})
            store.broken.delete('addUsage')
          }
        }
        for (const process of [one, other, one]) {
          process.charge(1n)
          await process.save()
        }
        const [balance] = (await base.load()).balances
        expect(balance?.spent.any).toBe(total + 3n)
        expect(one.account.tracker?.spent.any).toBe(total + 3n)
      }),
      { seed: 20_260_901 },
    )
  })

  it('a changed balance is reported by the process that did not know of the other’s spending', async () => {
    const { one, other, changed } = await twoProcesses()
    one.charge(5n)
    await one.save()
    expect(changed).toEqual([])
    other.charge(1n)
    await other.save()
    expect(changed).toEqual(['other'])
  })

  it('spending is deducted from the later of two baselines', async () => {
    const { base, one, other } = await twoProcesses()
    one.account.balance = entered('7', 180)
    await one.save()
    other.charge(10n ** 12n)
    await other.save()
    expect(other.account.balance).toMatchObject({ amount: '6.00', at: 180 })
    expect((await base.load()).balances).toMatchObject([
      { baseline: { at: 180 }, spent: { any: 10n ** 12n } },
    ])
  })

  it('a charge made during a save is kept for the next one', async () => {
    const { base, store, one } = await twoProcesses()
    one.charge(1n)
    const release = store.hold('addUsage')
    const saving = one.save()
    one.charge(2n)
    release()
    await saving
    expect(one.account.tracker?.spent.any).toBe(3n)
    await one.save()
    expect((await base.load()).balances).toMatchObject([{ spent: { any: 3n } }])
  })

  it('the spending of an account that the store does not have is kept in memory', async () => {
    const { base, one } = await twoProcesses()
    await base.removeKeys(['key-0'])
    one.charge(3n)
    await one.save()
    expect(one.account.tracker?.spent.any).toBe(3n)
    expect((await base.load()).balances).toEqual([])
  })
})
