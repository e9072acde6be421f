import { describe, expect, it, vi } from 'vitest'
import { recordsOf } from '../records-of.js'
import type { Store } from '../store.js'
import type { StoreNews } from '../store-news.js'
import { storedKey } from './stored-keys.js'

interface Places {
  newPlace(): string
  opened(place?: string): Promise<Store>
}

/** What every store that can be watched must do. */
export function describeWatch(name: string, { newPlace, opened }: Places): void {
  const watching = async (place: string) => {
    const store = await opened(place)
    const news: StoreNews[] = []
    const stop = store.watch?.((each) => news.push(each)) ?? (() => {})
    // What others change from here on is told, because the store has been looked at before this resolves.
    await store.revision()
    const told = (expected: { readonly keys: boolean; readonly records: boolean }) =>
      vi.waitFor(() => expect(news).toContainEqual({ type: 'changed', ...expected }), { timeout: 60_000 })
    return { store, news, stop, told }
  }
  const at = 1_700_000_000_000
  const client = { kind: 'client', id: 'a', value: 1 }

  describe(`${name}: those who watch`, () => {
    it('those who watch are told of keys that another process put and removed', async () => {
      const place = newPlace()
      const { told, news } = await watching(place)
      const other = await opened(place)
      await other.putKeys([storedKey(0)])
      await told({ keys: true, records: false })
      news.length = 0
      await other.removeKeys(['key-0'])
      await told({ keys: true, records: false })
    })

    it('those who watch are told of records that another process changed, and of their own', async () => {
      const place = newPlace()
      const { store, told, news } = await watching(place)
      await recordsOf(await opened(place)).write({ at, put: [client] })
      await told({ keys: false, records: true })
      news.length = 0
      await recordsOf(store).write({ at, remove: [{ kind: 'client', id: 'a' }] })
      await told({ keys: false, records: true })
    })

    it('those who watch are not told of states, usage and entries of journals', async () => {
      const place = newPlace()
      const { news, told } = await watching(place)
      const other = await opened(place)
      await other.saveStates([], [])
      await other.addUsage({ usage: [], spent: [], balances: [] })
      await recordsOf(other).write({ at, append: [{ journal: 'audit', value: 1 }] })
      await other.putKeys([storedKey(0)])
      await told({ keys: true, records: false })
      expect(news).toHaveLength(1)
    })

    it('one who stopped watching is told nothing, and others are', async () => {
      const place = newPlace()
      const first = await watching(place)
      const second = await watching(place)
      first.stop()
      await (await opened(place)).putKeys([storedKey(0)])
      await second.told({ keys: true, records: false })
      expect(first.news).toEqual([])
      second.stop()
      second.stop()
    })
  })
}
