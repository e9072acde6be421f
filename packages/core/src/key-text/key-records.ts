import { maskToken } from '../mask.js'
import { BracketStack } from './bracket-stack.js'
import { LineReport } from './line-report.js'
import type { NameRole } from './name-role.js'
import type { ParsedKeys, RejectedText } from './parsed-keys.js'
import type { Bracket } from './tokenize.js'

/** An amount that came before its key, and the number of brackets around it. */
interface EarlyAmount {
  readonly amount: string
  readonly isTotal: boolean
  readonly depth: number
}

/** The newest key, whose balance may still follow, and the number of brackets around it. */
interface PendingKey {
  readonly line: number
  readonly secret: string
  readonly depth: number
  balance: string | null
  isTotal: boolean
}

/** Reports of one text that are listed: a text without keys must not fill the memory. Further ones are counted. */
const mostListed = 10_000
/** Reports of one line, and masked keys of one object, that are listed. Further ones are counted. */
const mostReports = 100

const misplaced = 'an amount without a key before it'

/**
 * Joins keys and amounts. An amount without a name belongs to the key before it on the line. An amount with a name
 * (`"balance": 12.5`) belongs to the key of the same object, whichever comes first and on whichever line.
 */
export class KeyRecords {
  #found: ParsedKeys = { keys: [], rejected: [] }
  readonly #brackets = new BracketStack()
  readonly #line = new LineReport()
  #pending: PendingKey | null = null
  #early: EarlyAmount | null = null
  #isNameQuoted = false
  /** Reports so far, and those of them that were not listed since the last `take`. */
  #listed = 0
  #omitted = 0
  /** The first word of the current field that has no meaning. */
  #unknown: string | null = null
  /** The amount in the current field. */
  #amount: string | null = null

  /** Whether further reports are only counted, and need not be put into words. */
  get #isListFull(): boolean {
    return this.#listed >= mostListed
  }

  /** Whether a line with one fault, and nothing else, changes nothing but a count. */
  get isCounting(): boolean {
    return this.#listed >= mostListed && this.#brackets.depth === 0
  }

  get lineHasKey(): boolean {
    return this.#line.hasKey
  }

  /** The role that the name of the current list gives to its items. */
  get listRole(): NameRole | undefined {
    return this.#brackets.listRole
  }

  startLine(line: number): void {
    this.#line.start(line)
    this.#isNameQuoted = false
  }

  endLine(): void {
    this.endField()
    const { reason, rejectedCount } = this.#line
    if (reason !== null) this.#report(reason)
    if (rejectedCount > mostReports)
      this.#addReport(`${rejectedCount - mostReports} more texts on this line are not keys`)
    // A bracket that only held an amount, as in `sk-…(12.5`, ends with its line.
    while (this.#brackets.isInnermost('(')) this.#closeInnermost()
  }

  /** Ends a field: the text between separators, names, keys and brackets. */
  endField(): void {
    const amount = this.#amount
    const unknown = this.#unknown
    this.#amount = null
    this.#unknown = null
    // Words beside a key are a note, and a number among them, as in `team 7`, is no amount.
    if (unknown !== null) {
      if (!this.#line.hasUnknown)
        this.#line.addUnknown(this.#isListFull ? '' : `${shown(unknown)} is not a key`)
    } else if (amount !== null) this.#attach(amount)
  }

  /** Begins a name. Words before it in the field, as in `team one: …`, are a part of it. */
  beginName(isQuoted: boolean): void {
    this.#isNameQuoted = isQuoted
    if (this.#unknown !== null) this.ignore(this.#unknown)
    this.#unknown = null
    this.endField()
  }

  addKey(secret: string): void {
    this.endField()
    this.#completePending()
    this.#line.countKey()
    const { depth } = this.#brackets
    const early = this.#early?.depth === depth ? this.#early : null
    this.#pending = {
      line: this.#line.line,
      secret,
      depth,
      balance: early?.amount ?? null,
      isTotal: early?.isTotal ?? false,
    }
    this.#early = null
    const { object } = this.#brackets
    if (object !== undefined) object.hasKey = true
  }

  /** Adds an amount with a name. `isTotal`: the amount is all the money of the key, and replaces a part of it. */
  addBalance(amount: string, isTotal: boolean): void {
    const key = this.#pending
    if (key === null) {
      if (this.#early === null || isTotal) this.#early = { amount, isTotal, depth: this.#brackets.depth }
    } else if (key.balance === null || (isTotal && !key.isTotal)) {
      key.balance = amount
      key.isTotal = isTotal
    }
  }

  /** Adds an amount without a name. */
  addAmount(amount: string): void {
    if (this.#amount !== null) this.endField()
    this.#amount = amount
  }

  addMasked(text: string): void {
    const { object } = this.#brackets
    if (object !== undefined && object.masked.length >= mostReports) return
    const reason = `${shown(text)} is masked; the whole key is needed`
    if (object === undefined) {
      this.endField()
      this.#report(reason)
    } else object.masked.push({ line: this.#line.line, reason })
  }

  addUnknown(text: string): void {
    this.#unknown ??= text
  }

  /** Reports a line that is not read; see `isCounting`. */
  countLine(): void {
    this.#listed += 1
    this.#omitted += 1
  }

  /** Reports the current line whatever else is in it. */
  reportLine(reason: string): void {
    this.#report(reason)
  }

  reject(text: string, why: string): void {
    this.endField()
    this.#report(!this.#isListFull && this.#line.rejectedCount < mostReports ? `${shown(text)} ${why}` : why)
  }

  /** Skips text that needs no report beside a key: an address, a filler, the value of an unrelated name. */
  ignore(text: string, why = 'is not a key'): void {
    if (this.#isNameQuoted || this.#line.hasOther || this.#brackets.object !== undefined) return
    this.reportIfNoKey(this.#isListFull ? why : `${shown(text)} ${why}`)
  }

  /** Gives a reason to report should the line hold no key. */
  reportIfNoKey(reason: string): void {
    this.#line.addOther(reason)
  }

  open(bracket: Bracket, role: NameRole | undefined): void {
    this.endField()
    // An object that is a value belongs to the record around it. An object without a name begins a record.
    if (bracket === '{' && role === undefined) this.startRecord()
    if (this.#brackets.isFull) this.#closeAll()
    this.#brackets.push(bracket, role)
  }

  close(bracket: Bracket): void {
    this.endField()
    if (this.#brackets.isInnermost(bracket)) this.#closeInnermost()
  }

  /** Begins a record: an amount after this belongs to no key before it. */
  startRecord(): void {
    this.#completePending()
    this.#early = null
  }

  /** Gives what is complete, and was not taken before. */
  take(): ParsedKeys {
    const found = this.#found
    const omitted = this.#omitted
    this.#found = { keys: [], rejected: [] }
    this.#omitted = 0
    return omitted === 0 ? found : { ...found, omitted }
  }

  finish(): ParsedKeys {
    this.#completePending()
    this.#closeAll()
    return this.take()
  }

  /** Gives an amount to the key before it. A whole number before any key is no fault, as it may count the rows. */
  #attach(amount: string): void {
    const key = this.#pending
    if (key === null || !this.#line.hasKey) {
      if (amount.includes('.')) this.#report(misplaced)
      else this.reportIfNoKey(misplaced)
    } else if (key.balance === null) key.balance = amount
    else this.#report('a second amount after one key was passed over')
  }

  #completePending(): void {
    if (this.#pending === null) return
    const { line, secret, balance } = this.#pending
    this.#found.keys.push(balance === null ? { line, secret } : { line, secret, balance })
    this.#pending = null
  }

  #closeInnermost(): void {
    const closed = this.#brackets.pop()
    if (closed === undefined) return
    if (!closed.hasKey) for (const report of closed.masked) this.#list(report)
    const { depth } = this.#brackets
    if (this.#pending !== null && depth < this.#pending.depth) this.#completePending()
    if (this.#early !== null && depth < this.#early.depth) {
      // `"balance": {"amount": …}` belongs to the object around it. Any other object keeps its amounts to itself.
      const reachesOut = closed.role === 'balance' || closed.role === 'total'
      this.#early = reachesOut ? { ...this.#early, depth } : null
    }
  }

  #closeAll(): void {
    while (this.#brackets.depth > 0) this.#closeInnermost()
  }

  #report(reason: string): void {
    this.#line.countRejected()
    if (this.#line.rejectedCount <= mostReports) this.#addReport(reason)
  }

  #addReport(reason: string): void {
    this.#list({ line: this.#line.line, reason })
  }

  #list(report: RejectedText): void {
    this.#listed += 1
    if (this.#listed <= mostListed) this.#found.rejected.push(report)
    else this.#omitted += 1
  }
}

/** Masks a text, with enough of it left to find it in the line and too little to use it. */
function shown(text: string): string {
  return `"${text.length < 20 ? `${text.slice(0, Math.min(3, text.length >> 1))}…` : maskToken(text)}"`
}
