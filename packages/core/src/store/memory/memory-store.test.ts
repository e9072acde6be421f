import { expect, it } from 'vitest'
import type { Store } from '../store.js'
import { describeStore } from '../testing/store-contract.js'
import { memoryStore } from './memory-store.js'

const places = new Map<string, Store>()

describeStore('memory', async (place, options) => {
  const store = places.get(place) ?? memoryStore(options)
  places.set(place, store)
  return store
})

it('memoryStore refuses an invalid number of owners', () => {
  expect(() => memoryStore({ ownerLimit: 0 })).toThrow(/^ownerLimit must be a whole number above 0/)
})
