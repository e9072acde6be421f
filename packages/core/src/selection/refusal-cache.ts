import type { Demand } from '../limit/meters.js'
import type { KeyRequest } from './key-request.js'
import type { Refusal } from './refusal.js'

/** A refusal that stays true until a cooldown ends or something changes, so that no key is looked at until then. */
export interface CachedRefusal {
  readonly refusal: Refusal
  /** When the first cooldown ends, in milliseconds since the Unix epoch. */
  readonly until: number
  /** The state of pool and model that it was true of. */
  readonly epoch: number
  /** It is true of requests for so many tokens and images, and of larger ones. */
  readonly tokens: number
  readonly images: number
}

/** Where the refusals of one model are kept: on the model itself, so that a pick looks nothing up for them. */
export interface RefusalSlots {
  cachedRefusal: CachedRefusal | null
  /** The one of requests that cost nothing whatever their model. */
  cachedFreeRefusal: CachedRefusal | null
  /** Counts the changes that may let the model be served again. */
  epoch: number
}

/** How long a refusal is believed whose end is unknown. */
const unknownEndMs = 1_000

/** Remembers by model that no key can serve it. Without it, each request to a pool that is down would look at every key. */
export class RefusalCache {
  /** Counts the changes that may let any model be served again. */
  #epoch = 0

  invalidate(): void {
    this.#epoch++
  }

  invalidateModel(model: RefusalSlots): void {
    model.epoch++
  }

  /** Returns the refusal that still holds for the request, with what is left of its time. */
  find(model: RefusalSlots, request: KeyRequest, demand: Demand): Refusal | null {
    // Mostly there is none, and this part is small enough to be inlined into every pick.
    const cached = request.isFree ? model.cachedFreeRefusal : model.cachedRefusal
    return cached !== null && this.#holds(cached, model, request, demand)
      ? remaining(cached, request.now)
      : null
  }

  /** Remembers a refusal, unless it is true of this one request only. */
  remember(model: RefusalSlots, request: KeyRequest, demand: Demand, refusal: Refusal): void {
    if (!isForAllKeys(request) || request.lastResorts <= 0) return
    const until = request.now + (refusal.retryAfterMs ?? unknownEndMs)
    const cached = { refusal, until, epoch: this.#epoch + model.epoch, ...demand }
    if (request.isFree) model.cachedFreeRefusal = cached
    else model.cachedRefusal = cached
  }

  #holds(cached: CachedRefusal, model: RefusalSlots, request: KeyRequest, demand: Demand): boolean {
    if (!isForAllKeys(request) || request.now >= cached.until) return false
    if (cached.epoch !== this.#epoch + model.epoch) return false
    return demand.tokens >= cached.tokens && demand.images >= cached.images
  }
}

const isForAllKeys = ({ tried, account }: KeyRequest): boolean => tried === null && account === null

const remaining = ({ refusal, until }: CachedRefusal, now: number): Refusal =>
  refusal.retryAfterMs === undefined ? refusal : { ...refusal, retryAfterMs: until - now }
