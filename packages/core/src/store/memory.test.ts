import { memoryStore } from './memory.js'
import type { Store } from './store.js'
import { describeStore } from './testing/store-contract.js'

const places = new Map<string, Store>()

describeStore('memory', async (place) => {
  const store = places.get(place) ?? memoryStore()
  places.set(place, store)
  return store
})
