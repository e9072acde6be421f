import type { BlockListener, Quota } from '../limit/quota.js'

/** Accounts on a page. Clients make up model names, so a model that a single account was asked for costs one page at most. */
const pageBits = 9
const pageSize = 1 << pageBits
const pageMask = pageSize - 1

/** What is known of accounts with neighbouring numbers. */
class IndexPage implements BlockListener {
  /** The account's block in the quota table; 0 while unknown. */
  readonly blocks = new Int32Array(pageSize)
  /** When the account's explicit cooldown ends; 0 while none is known. */
  readonly coolUntil = new Float64Array(pageSize)
  readonly quotas: (Quota | null)[] = new Array<Quota | null>(pageSize).fill(null)

  onBlock(quota: Quota, place: number): void {
    this.blocks[place] = quota.block
    this.quotas[place] = quota.block === 0 ? null : quota
  }
}

/**
 * What a pick must know of accounts for one model, by account number. It repeats what accounts and quotas hold, and they
 * correct it when that changes. It is there for pools of 100,000 keys, where a pick waits for memory: one read costs
 * 140 ns when its address comes from the read before, and 15 ns when it is known in advance. The bench is `pick`, the
 * figures are those of docs/decisions/0010-rows-of-numbers.md.
 */
export class AccountIndex {
  readonly #pages: (IndexPage | undefined)[] = []

  /** Returns when the account's explicit cooldown ends, in milliseconds since the Unix epoch; 0 while none is known. */
  coolsUntil(account: number): number {
    const page = this.#pages[account >> pageBits]
    return page === undefined ? 0 : (page.coolUntil[account & pageMask] as number)
  }

  /** Returns the account's block in the quota table; 0 while unknown. */
  blockOf(account: number): number {
    const page = this.#pages[account >> pageBits]
    return page === undefined ? 0 : (page.blocks[account & pageMask] as number)
  }

  quotaOf(account: number): Quota | null {
    return this.#pages[account >> pageBits]?.quotas[account & pageMask] ?? null
  }

  recordCooldown(account: number, until: number): void {
    // An account outside a pool has number -1.
    if (account >= 0) this.#pageOf(account).coolUntil[account & pageMask] = until
  }

  /** Forgets a cooldown that was ended before its time. */
  forgetCooldown(account: number): void {
    const page = this.#pages[account >> pageBits]
    if (page !== undefined) page.coolUntil[account & pageMask] = 0
  }

  recordQuota(account: number, quota: Quota): void {
    if (account >= 0) quota.setListener(this.#pageOf(account), account & pageMask)
  }

  #pageOf(account: number): IndexPage {
    const at = account >> pageBits
    while (this.#pages.length <= at) this.#pages.push(undefined)
    const page = this.#pages[at] ?? new IndexPage()
    this.#pages[at] = page
    return page
  }
}
