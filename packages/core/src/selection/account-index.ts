import type { BlockListener, Quota } from '../limit/quota.js'

/** Accounts on a page. Model names come from clients: one that a single account ever heard of costs no more than this. */
const pageBits = 9
const pageSize = 1 << pageBits
const pageMask = pageSize - 1

/** What is noted of so many neighbours in number. */
class Page implements BlockListener {
  /** Where an account's tallies are; 0 when nobody knows. */
  readonly blocks = new Int32Array(pageSize)
  /** Until when an account is known to rest; 0 when nobody has looked. */
  readonly rests = new Float64Array(pageSize)
  readonly quotas: (Quota | null)[] = new Array<Quota | null>(pageSize).fill(null)

  onBlock(quota: Quota, place: number): void {
    this.blocks[place] = quota.block
    this.quotas[place] = quota.block === 0 ? null : quota
  }
}

/**
 * What a pick must know of accounts for one model, by the numbers of the accounts: side by side, so that nobody reads
 * an account, and its lists, and what those point to, only to learn that it rests. It repeats what accounts and quotas
 * say; they take it back when it is true no more.
 */
export class AccountIndex {
  readonly #pages: (Page | undefined)[] = []

  /** Until when the account is known to rest by the upstream's word, in milliseconds since the epoch; else 0. */
  coolsUntil(account: number): number {
    const page = this.#pages[account >> pageBits]
    return page === undefined ? 0 : (page.rests[account & pageMask] as number)
  }

  /** Where the account's tallies are; 0 when that is not known. */
  blockOf(account: number): number {
    const page = this.#pages[account >> pageBits]
    return page === undefined ? 0 : (page.blocks[account & pageMask] as number)
  }

  quotaOf(account: number): Quota | null {
    return this.#pages[account >> pageBits]?.quotas[account & pageMask] ?? null
  }

  recordCooldown(account: number, until: number): void {
    if (account >= 0) this.#pageOf(account).rests[account & pageMask] = until
  }

  /** Somebody lifted a rest. */
  forgetCooldown(account: number): void {
    const page = this.#pages[account >> pageBits]
    if (page !== undefined) page.rests[account & pageMask] = 0
  }

  noteQuota(account: number, quota: Quota): void {
    if (account >= 0) quota.tell(this.#pageOf(account), account & pageMask)
  }

  #pageOf(account: number): Page {
    const at = account >> pageBits
    while (this.#pages.length <= at) this.#pages.push(undefined)
    const page = this.#pages[at] ?? new Page()
    this.#pages[at] = page
    return page
  }
}
