import { noSums, type StoredUsage, type UsageBook } from '../store/stored-usage.js'
import type { Usage } from '../usage/usage.js'

/** An upstream call that ended. */
export interface EndedCall {
  /** The key's id, and that of its account. */
  readonly key: string
  readonly account: string
  /** `''` when the request named none. */
  readonly model: string
  /** Who asked; null when nobody said. */
  readonly client: string | null
  /** Three-letter code of the money of the key's site. */
  readonly currency: string
  readonly isSuccess: boolean
  readonly usage: Usage | null
  /** In trillionths of the currency's unit; null when nobody knows. */
  readonly cost: bigint | null
}

/** Takes the place of names beyond those that a day has room for. */
export const others = '(others)'

const dayMs = 86_400_000
/** Names come from clients, so a day has room for so many of each, and for so many pairs of them. */
const maxModels = 1_000
const maxClients = 1_000
const maxPairs = 10_000
const longestName = 256

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

/** Sums of what calls used and cost, by day. Keeps what the store has not added yet, and nothing else. */
export class Ledger {
  readonly #dayOffsetMs: number
  #unsaved = new Map<string, Mutable<StoredUsage>>()
  /** The rows that the last call of a key, and of a client and model, was added to: mostly the next one is, too. */
  #ofKeys = new Map<string, Mutable<StoredUsage>>()
  #ofClients = new Map<string | null, Map<string, Mutable<StoredUsage>>>()
  #day = Number.NEGATIVE_INFINITY
  #models = new Set<string>()
  #clients = new Set<string>()
  #pairs = new Set<string>()

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

  /** Counts a call. Done for every attempt, so it adds to two rows and that is all. */
  note(call: EndedCall, now: number): void {
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
      row = this.#row({ book: 'models', day, ...this.#bounded(model, given), currency })
      ofClient.set(model, row)
      this.#ofClients.set(client, ofClient)
    }
    count(row, call)
  }

  /** The day's rows that are stored already, so that a restart makes no room for more names. */
  remember(rows: readonly Pick<StoredUsage, 'day' | 'name' | 'of'>[], now: number): void {
    const day = this.dayOf(now)
    if (day !== this.#day) this.#begin(day)
    for (const { day: of, name, of: client } of rows) if (of === day) this.#know(name, client)
  }

  /** What the store is to add. */
  take(): StoredUsage[] {
    const rows = Array.from(this.#unsaved.values())
    this.#unsaved = new Map()
    this.#ofKeys = new Map()
    this.#ofClients = new Map()
    return rows
  }

  /** The store did not add it. */
  giveBack(rows: readonly StoredUsage[]): void {
    for (const row of rows) addTo(this.#row(row), row)
  }

  #row(place: Pick<StoredUsage, 'book' | 'day' | 'name' | 'of' | 'currency'>): Mutable<StoredUsage> {
    const { book, day, name, of, currency } = place
    const where = `${book[0]}${day} ${currency} ${name.length} ${name}${of}`
    const known = this.#unsaved.get(where)
    if (known !== undefined) return known
    const row = { book: book as UsageBook, day, name, of, currency, ...noSums }
    this.#unsaved.set(where, row)
    return row
  }

  #begin(day: number): void {
    this.#day = day
    this.#models = new Set()
    this.#clients = new Set()
    this.#pairs = new Set()
  }

  #bounded(model: string, given: string): Pick<StoredUsage, 'name' | 'of'> {
    const name = this.#models.has(model) || this.#models.size < maxModels ? model : others
    const of = this.#clients.has(given) || this.#clients.size < maxClients ? given : others
    const isKnown = this.#pairs.has(pairOf(name, of))
    const bounded = isKnown || this.#pairs.size < maxPairs ? { name, of } : { name: others, of: others }
    this.#know(bounded.name, bounded.of)
    return bounded
  }

  #know(model: string, client: string): void {
    this.#models.add(model)
    this.#clients.add(client)
    this.#pairs.add(pairOf(model, client))
  }
}

const pairOf = (model: string, client: string): string => `${model.length} ${model}${client}`

function count(row: Mutable<StoredUsage>, { usage, isSuccess, cost }: EndedCall): void {
  row.requests++
  if (isSuccess) row.successes++
  if (cost === null) row.unknownCosts++
  else row.cost += cost
  if (usage === null) return
  row.promptTokens += whole(usage.promptTokens)
  row.completionTokens += whole(usage.completionTokens)
  row.cachedTokens += whole(usage.cachedTokens)
  row.reasoningTokens += whole(usage.reasoningTokens)
  row.images += whole(usage.images)
}

/** More than any call uses. One figure that is none would spoil the sums of a day, and no store would take them. */
const mostUsed = 1_000_000_000

const whole = (given = 0): number => (given > 0 ? Math.round(Math.min(given, mostUsed)) : 0)

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
