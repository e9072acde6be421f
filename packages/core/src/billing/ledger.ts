import { defaultUpstream } from '../store/default-upstream.js'
import { noSums, type StoredUsage, type UsageBook } from '../store/stored-usage.js'
import type { Usage } from '../usage/usage.js'
import { wholeCount } from '../usage/whole-count.js'
import { DailyNames } from './daily-names.js'

/** An upstream call that ended. */
export interface EndedCall {
  /** The key's id, and that of its account. */
  readonly key: string
  readonly account: string
  /** `''` when the request named none. */
  readonly model: string
  /** The client that the call was made for; null for none. */
  readonly client: string | null
  /** Three-letter code of the currency of the key's site. */
  readonly currency: string
  readonly isSuccess: boolean
  readonly usage: Usage | null
  /** In trillionths of the currency's unit; null when unknown. */
  readonly cost: bigint | null
}

const dayMs = 86_400_000
const longestName = 256
/** Rows kept for a store that fails for long: about 30 MB. Those of the earliest days go first. */
const unsavedLimit = 100_000

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Sums up what calls used and cost, by day. Holds only what the store has not added yet. */
export class Ledger {
  readonly #dayOffsetMs: number
  #unsaved = new Map<string, Mutable<StoredUsage>>()
  /** The row of the last call of each key, and of each client and model. The next call mostly goes to the same row. */
  #ofKeys = new Map<string, Mutable<StoredUsage>>()
  #ofClients = new Map<string | null, Map<string, Mutable<StoredUsage>>>()
  #day = Number.NEGATIVE_INFINITY
  readonly #names = new DailyNames()

  constructor({ dayOffsetMs }: { readonly dayOffsetMs: number }) {
    this.#dayOffsetMs = dayOffsetMs
  }

  /** The provider's calendar day of an instant, in days since 1970-01-01. */
  dayOf(at: number): number {
    return Math.floor((at + this.#dayOffsetMs) / dayMs)
  }

  get hasUnsaved(): boolean {
    return this.#unsaved.size > 0
  }

  /** Counts a call. This happens for every attempt, so it only adds to two rows. */
  record(call: EndedCall, now: number): void {
    const day = this.dayOf(now)
    if (day !== this.#day) this.#begin(day)
    const { key, account, currency, model, client } = call
    let row = this.#ofKeys.get(key)
    if (row === undefined || row.of !== account || row.currency !== currency || row.day !== day) {
      row = this.#row({ book: 'keys', day, name: key, of: account, currency })
      this.#ofKeys.set(key, row)
    }
    count(row, call)
    const ofClient = this.#ofClients.get(client) ?? new Map<string, Mutable<StoredUsage>>()
    row = ofClient.get(model)
    if (row === undefined || row.currency !== currency || row.day !== day) {
      const given = client?.slice(0, longestName) ?? ''
      row = this.#row({ book: 'models', day, ...this.#names.bounded(model, given), currency })
      ofClient.set(model, row)
      this.#ofClients.set(client, ofClient)
    }
    count(row, call)
  }

  /** Takes the names of rows that are stored already, so that a restart makes no room for more names. */
  remember(rows: readonly Pick<StoredUsage, 'day' | 'name' | 'of'>[], now: number): void {
    const day = this.dayOf(now)
    if (day !== this.#day) this.#begin(day)
    for (const { day: of, name, of: client } of rows) if (of === day) this.#names.add(name, client)
  }

  /** Gives the rows that the store has to add, and forgets them. */
  take(): StoredUsage[] {
    const rows = Array.from(this.#unsaved.values())
    this.#unsaved = new Map()
    this.#ofKeys = new Map()
    this.#ofClients = new Map()
    return rows
  }

  /** Takes back rows that the store did not add. */
  giveBack(rows: readonly StoredUsage[]): void {
    for (const row of rows) addTo(this.#row(row), row)
    if (this.#unsaved.size > unsavedLimit) this.#dropEarliest()
  }

  #dropEarliest(): void {
    const byDay = Array.from(this.#unsaved).sort(([, one], [, other]) => other.day - one.day)
    this.#unsaved = new Map(byDay.slice(0, unsavedLimit))
    // Their rows may be among those that were dropped.
    this.#ofKeys = new Map()
    this.#ofClients = new Map()
  }

  #row(place: Pick<StoredUsage, 'book' | 'day' | 'name' | 'of' | 'currency'>): Mutable<StoredUsage> {
    const { book, day, name, of, currency } = place
    const where = `${book[0]}${day} ${currency} ${name.length} ${name}${of}`
    const known = this.#unsaved.get(where)
    if (known !== undefined) return known
    const row = { book: book as UsageBook, day, upstream: defaultUpstream, name, of, currency, ...noSums }
    this.#unsaved.set(where, row)
    return row
  }

  #begin(day: number): void {
    this.#day = day
    this.#names.clear()
  }
}

function count(row: Mutable<StoredUsage>, { usage, isSuccess, cost }: EndedCall): void {
  row.requests++
  if (isSuccess) row.successes++
  if (cost === null) row.unknownCosts++
  else row.cost += cost
  if (usage === null) return
  row.promptTokens += wholeCount(usage.promptTokens)
  row.completionTokens += wholeCount(usage.completionTokens)
  row.cachedTokens += wholeCount(usage.cachedTokens)
  row.reasoningTokens += wholeCount(usage.reasoningTokens)
  row.images += wholeCount(usage.images)
}

function addTo(row: Mutable<StoredUsage>, more: StoredUsage): void {
  row.requests += more.requests
  row.successes += more.successes
  row.promptTokens += more.promptTokens
  row.completionTokens += more.completionTokens
  row.cachedTokens += more.cachedTokens
  row.reasoningTokens += more.reasoningTokens
  row.images += more.images
  row.cost += more.cost
  row.unknownCosts += more.unknownCosts
}
