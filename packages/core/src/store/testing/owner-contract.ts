import { describe, expect, it } from 'vitest'
import { videoLifetimeMs } from '../owner-limit.js'
import type { Store, StoredOwner } from '../store.js'

const startAt = 1_700_000_000_000

function owner(n: number, changes: Partial<StoredOwner> = {}): StoredOwner {
  return { id: `file-${n}`, account: `account ${n}`, kind: 'file', at: startAt + n, ...changes }
}

const owners = (from: number, count: number): StoredOwner[] =>
  Array.from({ length: count }, (_, n) => owner(from + n))

interface Places {
  newPlace(): string
  opened(place?: string, options?: { readonly ownerLimit: number }): Promise<Store>
}

/** What every store must do with the owners of resources. */
export function describeOwners(name: string, { newPlace, opened }: Places): void {
  const known = async (store: Store, ids: readonly string[]): Promise<Record<string, string>> =>
    Object.fromEntries(await store.ownersOf(ids))

  describe(`${name}: owners`, () => {
    it('the store gives the accounts of known ids, and of no others', async () => {
      const store = await opened()
      const uri = 'speech:the "voice":cm04-fake:名 😀'
      await store.putOwners([
        owner(1),
        owner(2, { kind: 'batch', id: 'batch_2' }),
        owner(3, { kind: 'video', id: '12' }),
        owner(4, { kind: 'voice', id: uri, account: 'acme' }),
      ])
      expect(await known(store, ['12', 'no such id', uri, 'batch_2'])).toEqual({
        '12': 'account 3',
        [uri]: 'acme',
        batch_2: 'account 2',
      })
      expect(await known(store, [])).toEqual({})
    })

    it('the store replaces the owner of an id', async () => {
      const store = await opened()
      await store.putOwners([owner(1), owner(1, { account: 'second' })])
      expect(await known(store, ['file-1'])).toEqual({ 'file-1': 'second' })
      await store.putOwners([owner(1, { account: 'third' })])
      expect(await known(store, ['file-1'])).toEqual({ 'file-1': 'third' })
    })

    it('the store forgets owners, and ignores unknown ids', async () => {
      const store = await opened()
      await store.putOwners(owners(1, 3))
      await store.forgetOwners(['file-1', 'no such id', 'file-3', 'file-1'])
      expect(await known(store, ['file-1', 'file-2', 'file-3'])).toEqual({ 'file-2': 'account 2' })
    })

    it('the store writes no owner of a list that fails half way', async () => {
      const store = await opened()
      const broken: StoredOwner = {
        ...owner(2),
        get account(): string {
          throw new Error('this owner cannot be read')
        },
      }
      await expect(store.putOwners([...owners(10, 500), broken])).rejects.toThrow('cannot be read')
      expect(await known(store, ['file-10', 'file-2'])).toEqual({})
    })

    it('the store keeps many thousand owners', async () => {
      const store = await opened()
      const many = owners(0, 5_000)
      await store.putOwners(many)
      const found = await store.ownersOf(many.map(({ id }) => id))
      expect(found).toEqual(new Map(many.map(({ id, account }) => [id, account])))
    })

    it('the store forgets the oldest owners beyond its limit', async () => {
      const store = await opened(newPlace(), { ownerLimit: 3 })
      await store.putOwners(owners(1, 3))
      await store.forgetOwners(['file-2'])
      await store.putOwners([owner(4)])
      expect(Object.keys(await known(store, ids(5))).sort()).toEqual(['file-1', 'file-3', 'file-4'])
      // Seen again, this owner is no longer the oldest.
      await store.putOwners([owner(1, { at: startAt + 5 })])
      await store.putOwners([owner(6), owner(7)])
      expect(Object.keys(await known(store, ids(8))).sort()).toEqual(['file-1', 'file-6', 'file-7'])
    })

    it('the store forgets owners of videos after a week, and no others', async () => {
      const store = await opened()
      const late = startAt + videoLifetimeMs
      await store.putOwners([
        owner(1, { kind: 'video', at: startAt }),
        owner(2, { kind: 'voice', at: startAt }),
        owner(3, { kind: 'batch', at: startAt }),
        owner(4, { at: startAt }),
        owner(5, { kind: 'video', at: startAt + 1 }),
      ])
      await store.putOwners([owner(6, { at: late })])
      expect(Object.keys(await known(store, ids(7)))).toHaveLength(6)
      await store.putOwners([owner(7, { at: late + 1 })])
      const left = ['file-2', 'file-3', 'file-4', 'file-5', 'file-6', 'file-7']
      expect(Object.keys(await known(store, ids(8))).sort()).toEqual(left)
    })

    it('the store shows at once the owners that another process wrote and forgot, without a new revision', async () => {
      const place = newPlace()
      const [one, other] = [await opened(place), await opened(place)]
      const before = await one.revision()
      await one.putOwners([owner(1), owner(2)])
      expect(await known(other, ids(3))).toEqual({ 'file-1': 'account 1', 'file-2': 'account 2' })
      await other.forgetOwners(['file-1'])
      expect(await known(one, ids(3))).toEqual({ 'file-2': 'account 2' })
      expect(await one.revision()).toBe(before)
    })

    it('the store writes owners that were put before it was closed', async () => {
      const place = newPlace()
      const store = await opened(place)
      const put = store.putOwners(owners(0, 600))
      await store.close()
      await put
      expect(await known(await opened(place), ['file-599'])).toEqual({ 'file-599': 'account 599' })
    })
  })
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `file-${n}`)
