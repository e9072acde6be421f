import { type Money, oneUnit } from '../money/decimal.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'

/** Trillionths of one unit. */
const unit = Number(oneUnit)
/** Sums of trillionths stay below this, so that one more amount of this size is still exact. */
const most = 4_000 * unit

interface CostSum {
  readonly currency: string
  whole: number
  /** Trillionths beside the whole units. */
  part: number
}

/**
 * What calls cost, by currency. Whole units and trillionths are plain numbers, because a `bigint` for each call and sum
 * would be garbage; nothing is rounded.
 */
export class CostSums {
  /** Mostly one. */
  #sums: CostSum[] = []

  get isEmpty(): boolean {
    return this.#sums.length === 0
  }

  /** Adds an amount below 9,000 units, in trillionths as a number; `addMoney` takes any amount. */
  add(currency: string, trillionths: number): void {
    const sum = this.#of(currency)
    sum.part += trillionths
    if (sum.part >= most) carry(sum)
  }

  addMoney(currency: string, amount: Money): void {
    const sum = this.#of(currency)
    sum.whole += Number(amount / oneUnit)
    sum.part += Number(amount % oneUnit)
    if (sum.part >= most) carry(sum)
  }

  merge(other: CostSums): void {
    for (const { currency, whole, part } of other.#sums) {
      this.add(currency, part)
      this.#of(currency).whole += whole
    }
  }

  amounts(): { currency: string; amount: Money }[] {
    return this.#sums.map(({ currency, whole, part }) => ({
      currency,
      amount: BigInt(whole) * oneUnit + BigInt(part),
    }))
  }

  write(writer: ByteWriter): void {
    writer.number(this.#sums.length)
    for (const sum of this.#sums) {
      carry(sum)
      writer.text(sum.currency).number(sum.whole).number(sum.part)
    }
  }

  /** Adds what `write` has written. */
  read(reader: ByteReader): void {
    for (let left = reader.number(); left > 0; left--) {
      const sum = this.#of(reader.text())
      sum.whole += reader.number()
      sum.part += reader.number()
      carry(sum)
    }
  }

  #of(currency: string): CostSum {
    const sums = this.#sums
    for (let at = 0; at < sums.length; at++) {
      const sum = sums[at] as CostSum
      if (sum.currency === currency) return sum
    }
    const sum = { currency, whole: 0, part: 0 }
    sums.push(sum)
    return sum
  }
}

function carry(sum: CostSum): void {
  if (sum.part < unit) return
  const more = Math.floor(sum.part / unit)
  sum.whole += more
  sum.part -= more * unit
}
