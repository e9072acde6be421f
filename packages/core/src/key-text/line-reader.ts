import { classifyWord, type Role, roleOf, secretsInUrl } from './classify-word.js'
import { KeyRecords } from './key-records.js'
import type { ParsedKeys } from './parsed-keys.js'
import { type Columns, readHeading, splitCells } from './table-heading.js'
import { type Token, tokenize } from './tokenize.js'

/** What a browser, an editor or a chat leaves in copied text and nobody sees. */
const invisible = /[\p{Cc}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu

/** Turns the lines of a key text into keys and reports, one line at a time. */
export class LineReader {
  readonly #records = new KeyRecords()
  #columns: Columns | null = null
  #isFirst = true
  /** What the name before a value says of it, as in `balance: 12.5`. */
  #role: Role | undefined
  /** The line has a key that is surely one, so what only may be one is rather a label or an id. */
  #hasCertainKey = false

  readLine(text: string, line: number): void {
    const tokens = tokenize(text.replace(invisible, (mark) => (mark === '\t' ? mark : '')))
    if (tokens.length === 0) {
      if (text.trim() === '') this.#records.startRecord()
      return
    }
    if (this.#isFirst) {
      this.#isFirst = false
      this.#columns = readHeading(tokens)
      if (this.#columns !== null) return
    }
    this.#records.startLine(line)
    this.#hasCertainKey = tokens.some((token) => token.kind === 'word' && isCertainKey(token.text))
    // An item of a YAML list.
    if (tokens[0]?.kind === 'word' && tokens[0].text === '-') this.#records.startRecord()
    if (this.#columns === null) this.#readTokens(tokens)
    else this.#readRow(tokens, this.#columns)
    this.#role = undefined
    this.#records.endLine()
  }

  /** What was found so far, and not taken before; what may still get a balance is kept back. */
  take(): ParsedKeys {
    return this.#records.take()
  }

  /** Everything that was found, and not taken before. */
  finish(): ParsedKeys {
    return this.#records.finish()
  }

  /** One line of a table: the columns that matter, and the others only when those hold no key. */
  #readRow(tokens: readonly Token[], columns: Columns): void {
    this.#records.startRecord()
    const row = splitCells(tokens, columns.separator)
    const secret = row[columns.secret] ?? []
    this.#readAs('secret', secret)
    if (!this.#records.lineHasKey) {
      if (row.some(saysSomething)) this.#records.miss(`no key in column ${columns.secret + 1}`)
      for (const cell of row) if (cell !== secret) this.#readAs('other', cell)
    }
    if (columns.balance !== -1) this.#readAs('balance', row[columns.balance] ?? [])
  }

  #readAs(role: Role, tokens: readonly Token[]): void {
    this.#role = role
    this.#readTokens(tokens)
    this.#records.endField()
  }

  #readTokens(tokens: readonly Token[]): void {
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at]
      if (token === undefined) return
      switch (token.kind) {
        case 'word':
          if (isName(tokens, at)) this.#readName(token)
          else this.#readWord(token.text)
          break
        case 'url':
          this.#readUrl(token.text)
          break
        case 'cell':
          this.#records.endField()
          this.#role = undefined
          break
        case 'open':
          // An object behind `:` belongs to what stands before it, be that a name or a key.
          this.#records.open(
            token.bracket,
            this.#role ?? (tokens[at - 1]?.kind === 'pair' ? 'other' : undefined),
          )
          this.#role = undefined
          break
        case 'close':
          this.#records.close(token.bracket)
          this.#role = undefined
          break
      }
    }
  }

  #readName({ text, isQuoted }: Extract<Token, { kind: 'word' }>): void {
    this.#records.beginName(isQuoted)
    this.#role = roleOf(text)
  }

  #readUrl(url: string): void {
    const secrets = secretsInUrl(url)
    for (const secret of secrets) this.#records.addKey(secret)
    if (secrets.length === 0) this.#records.pass(url)
  }

  #readWord(text: string): void {
    const records = this.#records
    const role = this.#role ?? records.listRole
    const expectsKey = role === undefined || role === 'secret'
    const reading = classifyWord(text)
    switch (reading.kind) {
      case 'mark':
        return
      case 'filler':
        records.pass(text)
        return
      case 'amount':
        if (role === 'balance' || role === 'total') records.addBalance(reading.amount, role === 'total')
        else if (role === undefined) records.addAmount(reading.amount)
        else if (role === 'secret') records.reject(text, 'is a number, not a key')
        else records.pass(text)
        return
      case 'secret':
        if (role === undefined && this.#hasCertainKey && !reading.isCertain) {
          records.reject(
            text,
            'is taken for a note beside the key; if it is a key, put it on a line of its own',
          )
        } else if (expectsKey || (role === 'other' && reading.isCertain)) {
          records.addKey(reading.secret)
          // `KEY=sk-… 12.5`: the name was the key's, not the amount's.
          this.#role = undefined
        } else records.pass(text, 'stands under a name that no key has; put it alone on the line')
        return
      case 'masked':
        if (expectsKey) records.addMasked(text)
        else records.pass(text)
        return
      case 'broken':
        if (expectsKey) records.reject(text, reading.why)
        else records.pass(text)
        return
      case 'other':
        if (expectsKey) records.addUnknown(text)
        else records.pass(text)
    }
  }
}

/**
 * Whether the word names what follows. A key before `:` or `=` does not, and what may be a key does only when no
 * amount follows it.
 */
function isName(tokens: readonly Token[], at: number): boolean {
  const word = tokens[at]
  if (word?.kind !== 'word' || tokens[at + 1]?.kind !== 'pair') return false
  const reading = classifyWord(word.text)
  // `1: sk-…` is a numbered list.
  if (reading.kind === 'amount') return false
  if (reading.kind !== 'secret') return true
  const value = tokens[at + 2]
  return !reading.isCertain && !(value?.kind === 'word' && classifyWord(value.text).kind === 'amount')
}

function isCertainKey(word: string): boolean {
  const reading = classifyWord(word)
  return reading.kind === 'secret' && reading.isCertain
}

function saysSomething(cell: readonly Token[]): boolean {
  return cell.some(
    (token) => token.kind === 'url' || (token.kind === 'word' && classifyWord(token.text).kind !== 'mark'),
  )
}
