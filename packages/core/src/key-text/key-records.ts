import { maskToken } from '../mask.js'
import type { Role } from './classify-word.js'
import type { ParsedKeys, RejectedText } from './parsed-keys.js'
import type { Bracket } from './tokenize.js'

interface Frame {
  readonly bracket: Bracket
  readonly role: Role | undefined
  /** An object: keys that were masked in it, reported unless it holds a whole one. */
  readonly masked: RejectedText[]
  hasKey: boolean
}

/** An amount that came before its key, and how many brackets it stands in. */
interface Offer {
  readonly amount: string
  readonly isTotal: boolean
  readonly level: number
}

/** The newest key, whose balance may still follow, and how many brackets it stands in. */
interface Pending {
  readonly line: number
  readonly secret: string
  readonly level: number
  balance: string | null
  isTotal: boolean
}

/** Brackets deeper than this are nobody's key file. */
const deepest = 64

const misplaced = 'an amount without a key before it'

/**
 * Puts keys and amounts together. Amounts without a name belong to the key before them on the line; amounts with
 * one (`"balance": 12.5`) to the key of the same object, whichever comes first, on whichever line.
 */
export class KeyRecords {
  #found: ParsedKeys = { keys: [], rejected: [] }
  #frames: Frame[] = []
  #pending: Pending | null = null
  #offer: Offer | null = null

  #line = 0
  #keyCount = 0
  #rejectedCount = 0
  #isNameQuoted = false
  /** The first word of the current field that means nothing to us. */
  #unknown: string | null = null
  /** The amount in the current field. */
  #amount: string | null = null
  /** Why the line holds no key, should it hold none: its first word that means nothing to us, or else what there is. */
  #unknownReason: string | null = null
  #missReason: string | null = null

  get lineHasKey(): boolean {
    return this.#keyCount > 0
  }

  /** What the name of the list we are in says of its items. */
  get listRole(): Role | undefined {
    const frame = this.#frames.at(-1)
    return frame?.bracket === '[' ? frame.role : undefined
  }

  startLine(line: number): void {
    this.#line = line
    this.#keyCount = 0
    this.#rejectedCount = 0
    this.#isNameQuoted = false
    this.#unknownReason = null
    this.#missReason = null
  }

  endLine(): void {
    this.endField()
    const reason = this.#unknownReason ?? this.#missReason
    if (reason !== null && this.#keyCount + this.#rejectedCount === 0) this.#report(reason)
    // A bracket that only ever held an amount, `sk-…(12.5`, does not reach into the next line.
    while (this.#frames.at(-1)?.bracket === '(') this.#popFrame()
  }

  /** A field is over: what is between separators, names, keys and brackets. */
  endField(): void {
    const amount = this.#amount
    const unknown = this.#unknown
    this.#amount = null
    this.#unknown = null
    // Words beside a key are a note, and a number among them, `team 7`, is no amount.
    if (unknown !== null) this.#unknownReason ??= `${shown(unknown)} is not a key`
    else if (amount !== null) this.#attach(amount)
  }

  /** A name comes next. Words before it in the field, as in `team one: …`, are a part of it. */
  beginName(isQuoted: boolean): void {
    this.#isNameQuoted = isQuoted
    if (this.#unknown !== null) this.pass(this.#unknown)
    this.#unknown = null
    this.endField()
  }

  addKey(secret: string): void {
    this.endField()
    this.#settle()
    this.#keyCount += 1
    const offer = this.#offer?.level === this.#frames.length ? this.#offer : null
    this.#pending = {
      line: this.#line,
      secret,
      level: this.#frames.length,
      balance: offer?.amount ?? null,
      isTotal: offer?.isTotal ?? false,
    }
    this.#offer = null
    const object = this.#object()
    if (object !== undefined) object.hasKey = true
  }

  /** An amount under a name. `isTotal`: of all the money, which beats a part of it. */
  addBalance(amount: string, isTotal: boolean): void {
    const key = this.#pending
    if (key === null) {
      if (this.#offer === null || isTotal) this.#offer = { amount, isTotal, level: this.#frames.length }
    } else if (key.balance === null || (isTotal && !key.isTotal)) {
      key.balance = amount
      key.isTotal = isTotal
    }
  }

  /** An amount without a name. */
  addAmount(amount: string): void {
    if (this.#amount !== null) this.endField()
    this.#amount = amount
  }

  addMasked(text: string): void {
    const reason = `${shown(text)} is masked; the whole key is needed`
    const object = this.#object()
    if (object === undefined) {
      this.endField()
      this.#report(reason)
    } else object.masked.push({ line: this.#line, reason })
  }

  addUnknown(text: string): void {
    this.#unknown ??= text
  }

  reject(text: string, why: string): void {
    this.endField()
    this.#report(`${shown(text)} ${why}`)
  }

  /** Text that needs no report where a key is near: an address, a filler, the value of an unrelated name. */
  pass(text: string, why = 'is not a key'): void {
    if (this.#isNameQuoted || this.#object() !== undefined) return
    this.miss(`${shown(text)} ${why}`)
  }

  /** The reason to give should the line hold no key. The first one stands. */
  miss(reason: string): void {
    this.#missReason ??= reason
  }

  open(bracket: Bracket, role: Role | undefined): void {
    this.endField()
    // An object that is a value belongs to the record around it; one without a name begins a record.
    if (bracket === '{' && role === undefined) this.startRecord()
    if (this.#frames.length >= deepest) this.#clearFrames()
    const inherited = role ?? (bracket === '{' ? undefined : this.listRole)
    this.#frames.push({ bracket, role: inherited, masked: [], hasKey: false })
  }

  close(bracket: Bracket): void {
    this.endField()
    if (this.#frames.at(-1)?.bracket === bracket) this.#popFrame()
  }

  /** What was found is complete: no amount after this belongs to a key before it. */
  startRecord(): void {
    this.#settle()
    this.#offer = null
  }

  /** What is complete so far, and was not taken before. */
  take(): ParsedKeys {
    const found = this.#found
    this.#found = { keys: [], rejected: [] }
    return found
  }

  finish(): ParsedKeys {
    this.#settle()
    this.#clearFrames()
    return this.take()
  }

  /** Gives an amount to the key before it. A whole number before any key may count the rows, so it is no fault. */
  #attach(amount: string): void {
    const key = this.#pending
    if (key === null || this.#keyCount === 0) {
      if (amount.includes('.')) this.#report(misplaced)
      else this.miss(misplaced)
    } else if (key.balance === null) key.balance = amount
    else this.#report('a second amount after one key was passed over')
  }

  #settle(): void {
    if (this.#pending === null) return
    const { line, secret, balance } = this.#pending
    this.#found.keys.push(balance === null ? { line, secret } : { line, secret, balance })
    this.#pending = null
  }

  /** The innermost object we are in. */
  #object(): Frame | undefined {
    return this.#frames.findLast((frame) => frame.bracket === '{')
  }

  #popFrame(): void {
    const frame = this.#frames.pop()
    if (frame === undefined) return
    if (!frame.hasKey) for (const report of frame.masked) this.#found.rejected.push(report)
    const level = this.#frames.length
    if (this.#pending !== null && level < this.#pending.level) this.#settle()
    if (this.#offer !== null && level < this.#offer.level) {
      // `"balance": {"amount": …}` tells of the object around it; any other object keeps its amounts to itself.
      const reachesOut = frame.role === 'balance' || frame.role === 'total'
      this.#offer = reachesOut ? { ...this.#offer, level } : null
    }
  }

  #clearFrames(): void {
    while (this.#frames.length > 0) this.#popFrame()
  }

  #report(reason: string): void {
    this.#rejectedCount += 1
    this.#found.rejected.push({ line: this.#line, reason })
  }
}

/** Enough of a text to find it in the line, too little to use it. */
function shown(text: string): string {
  return `"${text.length < 20 ? `${text.slice(0, Math.min(3, text.length >> 1))}…` : maskToken(text)}"`
}
