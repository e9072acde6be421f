import { expect, it } from 'vitest'
import { memoryStore } from './memory.js'
import type { Store } from './store.js'
import { describeStore } from './testing/store-contract.js'

const places = new Map<string, Store>()

describeStore('memory', async (place, options) => {
  const store = places.get(place) ?? memoryStore(options)
  places.set(place, store)
  return store
})

it('memoryStore refuses a number of owners that is none', () => {
  expect(() => memoryStore({ ownerLimit: 0 })).toThrow(/^ownerLimit must be a whole number above 0/)
})
