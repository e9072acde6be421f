import type { StoreListener, StoreNews } from './store-news.js'

/** Those who watch a store. One that throws does not disturb the store, nor the others. */
export class StoreListeners {
  readonly #listeners = new Set<StoreListener>()

  get isEmpty(): boolean {
    return this.#listeners.size === 0
  }

  /** Returns a function that takes the listener off. */
  add(listener: StoreListener): () => void {
    // Wrapped, so that one listener which is added twice is also taken off twice.
    const own: StoreListener = (news) => listener(news)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  tell(news: StoreNews): void {
    for (const listener of this.#listeners) {
      try {
        listener(news)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
