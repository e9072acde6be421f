import { Slab } from '../collections/slab.js'

/** A slab whose numbers are read and written by row and column, wherever its arrays are by then. */
export class Rows extends Slab {
  read(row: number, column: number): number {
    return this.values[row + column] as number
  }

  write(row: number, column: number, value: number): void {
    this.values[row + column] = value
  }

  add(row: number, column: number, amount: number): void {
    this.values[row + column] = (this.values[row + column] as number) + amount
  }

  /** A whole number, of which a row has two in the place of one number. */
  readWhole(row: number, column: number): number {
    return this.whole[2 * row + column] as number
  }

  writeWhole(row: number, column: number, value: number): void {
    this.whole[2 * row + column] = value
  }

  addWhole(row: number, column: number, amount: number): void {
    this.whole[2 * row + column] = (this.whole[2 * row + column] as number) + amount
  }
}
