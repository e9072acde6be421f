import { EjectionGuard } from '../key/ejection-guard.js'
import type { Key, KeyAccount } from '../key/key.js'

/** What a refusal may take out: a key, or an account for want of money or for good. */
export type EjectingFault = 'key' | 'funds' | 'disabled'

const faults: readonly EjectingFault[] = ['key', 'funds', 'disabled']

/** One guard for each site and kind of refusal: what one site refuses says nothing of another. */
export class SiteGuards {
  readonly #share: number
  readonly #keys: ReadonlyMap<string, Key>
  readonly #accounts: ReadonlyMap<string, KeyAccount>
  /** Made when there is something to guard against. */
  readonly #guards = new Map<string, EjectionGuard>()

  constructor(share: number, keys: ReadonlyMap<string, Key>, accounts: ReadonlyMap<string, KeyAccount>) {
    this.#share = share
    this.#keys = keys
    this.#accounts = accounts
  }

  /** Whether a refusal says something of its key or account, and not of an upstream that refuses every call. */
  isTrusted(key: Key, fault: EjectingFault, now: number): boolean {
    const name = nameOf(key.site, fault)
    const guard = this.#guards.get(name) ?? new EjectionGuard({ share: this.#share })
    this.#guards.set(name, guard)
    return fault === 'key'
      ? guard.refused(key.id, this.#keys.size, now)
      : guard.refused(key.account.id, this.#accounts.size, now)
  }

  /** A call of the site succeeded. */
  accepted(site: string, startedAt: number): void {
    if (this.#guards.size === 0) return
    for (const fault of faults) this.#guards.get(nameOf(site, fault))?.accepted(startedAt)
  }

  /** The upstream accepted a secret of the site, though no call was made with it. */
  acceptedKey(site: string, startedAt: number): void {
    this.#guards.get(nameOf(site, 'key'))?.accepted(startedAt)
  }
}

const nameOf = (site: string, fault: EjectingFault): string => `${fault} ${site}`
