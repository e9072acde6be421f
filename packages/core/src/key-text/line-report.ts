/** Collects why a line holds no key. The reason is reported only when the line has no key and no other report. */
export class LineReport {
  #line = 0
  #keyCount = 0
  #rejectedCount = 0
  /** The line holds a word without a meaning. */
  #unknownReason: string | null = null
  /** Any other reason, which a word without a meaning precedes. */
  #otherReason: string | null = null

  get line(): number {
    return this.#line
  }

  get hasKey(): boolean {
    return this.#keyCount > 0
  }

  /** Whether a word without a meaning was noted already: further ones need not be put into words. */
  get hasUnknown(): boolean {
    return this.#unknownReason !== null
  }

  get hasOther(): boolean {
    return this.#otherReason !== null
  }

  get rejectedCount(): number {
    return this.#rejectedCount
  }

  /** The reason to report at the end of the line; null when there is nothing to report. */
  get reason(): string | null {
    if (this.#keyCount + this.#rejectedCount > 0) return null
    return this.#unknownReason ?? this.#otherReason
  }

  start(line: number): void {
    this.#line = line
    this.#keyCount = 0
    this.#rejectedCount = 0
    this.#unknownReason = null
    this.#otherReason = null
  }

  countKey(): void {
    this.#keyCount += 1
  }

  countRejected(): void {
    this.#rejectedCount += 1
  }

  /** Only the first word without a meaning is reported. */
  addUnknown(reason: string): void {
    this.#unknownReason ??= reason
  }

  /** Only the first of the other reasons is reported. */
  addOther(reason: string): void {
    this.#otherReason ??= reason
  }
}
