import { type Money, oneUnit } from '../money/decimal.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'

interface BalanceMark {
  readonly amount: Money
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

/** The last balance of a step, by currency: of two that were seen, the later one holds. */
export class BalanceMarks {
  #marks: Map<string, BalanceMark> | null = null

  get isEmpty(): boolean {
    return this.#marks === null
  }

  set(currency: string, amount: Money, at: number): void {
    this.#marks ??= new Map()
    const known = this.#marks.get(currency)
    if (known === undefined || known.at <= at) this.#marks.set(currency, { amount, at })
  }

  merge(other: BalanceMarks): void {
    for (const [currency, { amount, at }] of other.#marks ?? []) this.set(currency, amount, at)
  }

  amounts(): { currency: string; amount: Money }[] {
    return Array.from(this.#marks ?? [], ([currency, { amount }]) => ({ currency, amount }))
  }

  write(writer: ByteWriter): void {
    writer.number(this.#marks?.size ?? 0)
    for (const [currency, { amount, at }] of this.#marks ?? []) {
      const absolute = amount < 0n ? -amount : amount
      writer
        .text(currency)
        .number(amount < 0n ? 1 : 0)
        .number(at)
      writer.number(Number(absolute / oneUnit)).number(Number(absolute % oneUnit))
    }
  }

  /** Adds what `write` has written. */
  read(reader: ByteReader): void {
    for (let left = reader.number(); left > 0; left--) {
      const currency = reader.text()
      const isNegative = reader.number() === 1
      const at = reader.number()
      const absolute = BigInt(reader.number()) * oneUnit + BigInt(reader.number())
      this.set(currency, isNegative ? -absolute : absolute, at)
    }
  }
}
