import type { Money } from '../money/decimal.js'
import { oneUnit } from '../money/decimal.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import type { Usage } from '../usage/usage.js'
import { bucketOf } from './latency-sketch.js'
import { RecentMinute } from './recent-minute.js'
import { spanMs, startOf } from './spans.js'
import { type HistoryBlock, type HistoryDimension, historyDimensions } from './stored-history.js'
import { otherName, type Tallies } from './tallies.js'
import { Tally } from './tally.js'

/** An upstream call that ended. */
export interface EndedAttempt {
  /** The ids of the key and of its account. */
  readonly key: string
  readonly account: string
  /** The client that the call was made for; null for none. */
  readonly client: string | null
  readonly currency: string
  readonly usage: Usage | null
  /** In trillionths of the currency's unit; null when unknown. */
  readonly cost: Money | null
}

/** How an attempt, or a whole request, went. */
export interface EndFigures {
  readonly outcome: OutcomeKind
  readonly durationMs: number
  /** From its start to its first output; null without output. */
  readonly firstOutputMs: number | null
}

/** A request of a client that ended, after however many attempts. */
export interface EndedRequest extends EndFigures {
  /** The model that the client asked for; `''` for none. */
  readonly askedModel: string
  readonly client: string | null
}

type Cells = Readonly<Record<HistoryDimension, Map<string, Tally>>>

/** Clients choose the names, so there is room for a limited number of each between two saves; the rest is `other`. */
const maxNames = 2_000
const longestName = 256
/** Amounts below this are added as numbers, exactly. */
const smallMoney = 4_000n * oneUnit

/**
 * Sums up what ended in the present minute: by key and account each attempt, by client, by model and in all each request
 * of a client, with the tokens and the cost of its attempts. It only adds numbers, and makes a tally at the first use of a
 * name since the last `take`.
 */
export class HistoryRecorder {
  readonly recent: RecentMinute = new RecentMinute()
  readonly #upstream: string
  readonly #onFirst: () => void
  #minute = Number.NEGATIVE_INFINITY
  #cells: Cells = emptyCells()
  #isEmpty = true
  /** Blocks of minutes that are over. */
  #over: HistoryBlock[] = []

  /** `onFirst` runs at the first record since the last `take`. */
  constructor(upstream: string, onFirst: () => void) {
    this.#upstream = upstream
    this.#onFirst = onFirst
  }

  /** Counts an attempt. `askedModel` is the model that the client asked for, `''` for none. */
  recordAttempt(attempt: EndedAttempt, askedModel: string, end: EndFigures, now: number): void {
    this.#begin(now)
    const { usage, cost, currency } = attempt
    const { outcome } = end
    const duration = bucketOf(end.durationMs)
    const firstOutput = end.firstOutputMs === null ? -1 : bucketOf(end.firstOutputMs)
    const small = cost !== null && cost < smallMoney ? Number(cost) : null
    const cells = this.#cells
    const ofKey = cellOf(cells.key, attempt.key)
    const ofAccount = cellOf(cells.account, attempt.account)
    ofKey.addEnd(outcome, duration, firstOutput)
    ofAccount.addEnd(outcome, duration, firstOutput)
    addUse(ofKey, usage, currency, cost, small)
    addUse(ofAccount, usage, currency, cost, small)
    addUse(cellOf(cells.model, askedModel), usage, currency, cost, small)
    addUse(cellOf(cells.client, attempt.client ?? ''), usage, currency, cost, small)
    addUse(cellOf(cells.none, ''), usage, currency, cost, small)
    if (usage !== null) this.recent.addUse(now, usage)
  }

  recordRequest(end: EndedRequest, now: number): void {
    this.#begin(now)
    const { outcome } = end
    const duration = bucketOf(end.durationMs)
    const firstOutput = end.firstOutputMs === null ? -1 : bucketOf(end.firstOutputMs)
    const cells = this.#cells
    cellOf(cells.model, end.askedModel).addEnd(outcome, duration, firstOutput)
    cellOf(cells.client, end.client ?? '').addEnd(outcome, duration, firstOutput)
    cellOf(cells.none, '').addEnd(outcome, duration, firstOutput)
    this.recent.addRequest(now)
  }

  /** Notes the balance of an account; an account of null stands for all of them together. */
  recordBalance(account: string | null, balance: { currency: string; amount: Money }, now: number): void {
    this.#begin(now)
    const tally = account === null ? cellOf(this.#cells.none, '') : cellOf(this.#cells.account, account)
    tally.balances.set(balance.currency, balance.amount, now)
  }

  /** What was recorded since the last `take`. */
  blocks(): HistoryBlock[] {
    return [...this.#over, ...this.#blocksOfMinute()]
  }

  /** Gives what was recorded, and forgets it. */
  take(): HistoryBlock[] {
    const blocks = this.blocks()
    this.#over = []
    this.#cells = emptyCells()
    this.#isEmpty = true
    return blocks
  }

  get isEmpty(): boolean {
    return this.#isEmpty
  }

  /** The accounts of the present minute. */
  get accounts(): Tallies {
    return this.#cells.account
  }

  #begin(now: number): void {
    if (now < this.#minute || now >= this.#minute + spanMs.minute)
      this.#turnTo(startOf(now, spanMs.minute, 0))
    if (!this.#isEmpty) return
    this.#isEmpty = false
    this.#onFirst()
  }

  #turnTo(minute: number): void {
    const blocks = this.#blocksOfMinute()
    if (blocks.length > 0) {
      this.#over.push(...blocks)
      this.#cells = emptyCells()
    }
    this.#minute = minute
  }

  #blocksOfMinute(): HistoryBlock[] {
    return historyDimensions.flatMap((by) => {
      const tallies = this.#cells[by]
      return tallies.size === 0 ? [] : [{ upstream: this.#upstream, by, at: this.#minute, tallies }]
    })
  }
}

function cellOf(cells: Map<string, Tally>, name: string): Tally {
  const known = cells.get(name)
  return known ?? newCell(cells, name)
}

function newCell(cells: Map<string, Tally>, given: string): Tally {
  const short = given.length > longestName ? given.slice(0, longestName) : given
  const name = cells.size < maxNames ? short : otherName
  const known = cells.get(name)
  if (known !== undefined) return known
  const tally = new Tally()
  cells.set(name, tally)
  return tally
}

/** `small` is the cost as a number, null where that would not be exact. */
function addUse(
  tally: Tally,
  usage: Usage | null,
  currency: string,
  cost: Money | null,
  small: number | null,
): void {
  if (usage !== null) tally.addUsage(usage)
  if (small !== null) tally.cost.add(currency, small)
  else if (cost !== null) tally.cost.addMoney(currency, cost)
  else tally.addUnknownCost()
}

const emptyCells = (): Cells => ({
  none: new Map(),
  key: new Map(),
  account: new Map(),
  model: new Map(),
  client: new Map(),
})
