import type { Key } from '../key/key.js'
import type { Concurrency } from '../limit/concurrency.js'
import type { Pacing } from '../limit/pacing.js'
import type { Grant } from './grant.js'
import { isBusy } from './key-eligibility.js'
import { busyRefusal, type Refusal } from './refusal.js'
import type { PoolLimits } from './request-eligibility.js'

/** Counts the attempts that run under each key, each account and in the pool, and knows how many may. */
export class Places implements PoolLimits {
  readonly concurrency: Concurrency
  readonly pacing: Pacing<Key> | null
  /** Attempts that run now, in the whole pool. Only `begin` and `end` change it. */
  inFlight = 0

  constructor({ concurrency, pacing }: PoolLimits) {
    this.concurrency = concurrency
    this.pacing = pacing
  }

  /** Returns why no attempt may begin now, whatever its key; null while one may. */
  fullRefusal(): Refusal | null {
    if (this.inFlight >= this.concurrency.pool) return busyRefusal('limits.concurrency.pool')
    return this.pacing?.mayStart() === false ? busyRefusal('pacing.inFlight') : null
  }

  /** Whether one more attempt may run under the key. */
  hasPlace(key: Key, now: number): boolean {
    return this.pacing?.allows(key, now) !== false && !isBusy(key, this.concurrency)
  }

  begin(key: Key, now: number): void {
    key.inFlight++
    key.account.inFlight++
    this.inFlight++
    this.pacing?.begin(key, now)
  }

  /** Returns whether the attempt took the last place of its key or account, so that its end makes keys ready. */
  end({ key, account }: Grant): boolean {
    // The operator may have moved the key to another account since the attempt began.
    const wasBusy = isBusy(key, this.concurrency) || account.inFlight >= this.concurrency.account
    key.inFlight--
    account.inFlight--
    this.inFlight--
    this.pacing?.end()
    return wasBusy
  }
}
