import { KeyRecords } from './key-records.js'
import { type NameRole, nameRole } from './name-role.js'
import type { ParsedKeys } from './parsed-keys.js'
import { secretsInUrl } from './secrets-in-url.js'
import { splitCells } from './split-cells.js'
import { readTableHeading, type TableHeading } from './table-heading.js'
import { type Token, tokenize, type Word } from './tokenize.js'
import { visibleText } from './visible-text.js'

const tooMany = 'the line holds too many words: its end was not read; put each key on a line'

/** A word or a name and its value, or the beginning of a key: whatever they are, the line has one fault and no key. */
const briefly = /^(?:[A-Za-z]{1,15}(?:[:=][A-Za-z]{1,15})?|sk-[A-Za-z0-9]{0,12})$/

/** What is wrong with the characters of a line, whatever they say. U+FFFD stands for what a decoder could not read. */
function faultOf(text: string): string | null {
  if (text.includes('\ufffd'))
    return 'the line holds characters that are not UTF-8 (GBK or another encoding?); save the file as UTF-8'
  return text.includes('\0') ? 'the line holds NUL characters; the file is damaged, or not a text' : null
}

/** Turns the lines of a key text into keys and reports, one line at a time. */
export class LineReader {
  readonly #records = new KeyRecords()
  #heading: TableHeading | null = null
  #isFirst = true
  /** The role that the name before a value gives it, as in `balance: 12.5`. */
  #role: NameRole | undefined
  /** The line has a certain key, so a word that only may be a key is taken for a label or an id. */
  #hasCertainKey = false

  readLine(text: string, line: number): void {
    if (text === '') return this.#records.startRecord()
    // Millions of lines without a key are passed over in a second, and listed no more.
    if (text.length < 32 && this.#records.isCounting && this.#heading === null && briefly.test(text))
      return this.#records.countLine()
    const { tokens, isCut } = tokenize(visibleText(text))
    const fault = faultOf(text)
    if (tokens.length === 0 && fault === null) {
      if (text.trim() === '') this.#records.startRecord()
      return
    }
    if (this.#isFirst) {
      this.#isFirst = false
      this.#heading = readTableHeading(tokens)
      if (this.#heading !== null) return
    }
    this.#records.startLine(line)
    this.#hasCertainKey = tokens.some(
      (token) => token.kind === 'word' && token.is.kind === 'secret' && token.is.isCertain,
    )
    // An item of a YAML list begins a record.
    if (tokens[0]?.kind === 'word' && tokens[0].text === '-') this.#records.startRecord()
    if (this.#heading === null) this.#readTokens(tokens)
    else this.#readRow(tokens, this.#heading)
    this.#role = undefined
    if (fault !== null) this.#records.reportLine(fault)
    if (isCut) this.#records.reportLine(tooMany)
    this.#records.endLine()
  }

  /** Reports a line whatever it holds. */
  reject(line: number, reason: string): void {
    this.#records.startLine(line)
    this.#records.reportLine(reason)
    this.#records.endLine()
  }

  /** Gives what was found and not taken before. A key that may still get a balance is kept back. */
  take(): ParsedKeys {
    return this.#records.take()
  }

  /** Gives everything that was found and not taken before. */
  finish(): ParsedKeys {
    return this.#records.finish()
  }

  /** Reads a line of a table: the columns of the heading, and the others only when those hold no key. */
  #readRow(tokens: readonly Token[], heading: TableHeading): void {
    this.#records.startRecord()
    const row = splitCells(tokens, heading.separator)
    const secret = row[heading.secretColumn] ?? []
    this.#readAs('secret', secret)
    if (!this.#records.lineHasKey) {
      if (row.some(hasContent)) this.#records.reportIfNoKey(`no key in column ${heading.secretColumn + 1}`)
      for (const cell of row) if (cell !== secret) this.#readAs('other', cell)
    }
    if (heading.balanceColumn !== -1) this.#readAs('balance', row[heading.balanceColumn] ?? [])
  }

  #readAs(role: NameRole, tokens: readonly Token[]): void {
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
          else this.#readWord(token)
          break
        case 'url':
          this.#readUrl(token.text)
          break
        case 'cell':
          this.#records.endField()
          this.#role = undefined
          break
        case 'open':
          // An object after `:` belongs to the name or the key before it.
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

  #readName({ text, isQuoted }: Word): void {
    this.#records.beginName(isQuoted)
    this.#role = nameRole(text)
  }

  #readUrl(url: string): void {
    const secrets = secretsInUrl(url)
    for (const secret of secrets) this.#records.addKey(secret)
    if (secrets.length === 0) this.#records.ignore(url)
  }

  #readWord({ text, is: wordClass }: Word): void {
    const records = this.#records
    const role = this.#role ?? records.listRole
    const expectsKey = role === undefined || role === 'secret'
    switch (wordClass.kind) {
      case 'mark':
        return
      case 'filler':
        records.ignore(text)
        return
      case 'amount':
        if (role === 'balance' || role === 'total') records.addBalance(wordClass.amount, role === 'total')
        else if (role === undefined) records.addAmount(wordClass.amount)
        else if (role === 'secret') records.reject(text, 'is a number, not a key')
        else records.ignore(text)
        return
      case 'secret':
        if (role === undefined && this.#hasCertainKey && !wordClass.isCertain) {
          records.reject(
            text,
            'is taken for a note beside the key; if it is a key, put it on a line of its own',
          )
        } else if (expectsKey || (role === 'other' && wordClass.isCertain)) {
          records.addKey(wordClass.secret)
          // In `KEY=sk-… 12.5` the name belongs to the key, not to the amount.
          this.#role = undefined
        } else records.ignore(text, 'stands under a name that no key has; put it alone on the line')
        return
      case 'masked':
        if (expectsKey) records.addMasked(text)
        else records.ignore(text)
        return
      case 'broken':
        if (expectsKey) records.reject(text, wordClass.why)
        else records.ignore(text)
        return
      case 'other':
        if (expectsKey) records.addUnknown(text)
        else records.ignore(text)
    }
  }
}

/**
 * Whether a word is the name of what follows. A certain key before `:` or `=` is none. A word that may be a key is a
 * name only when no amount follows it.
 */
function isName(tokens: readonly Token[], at: number): boolean {
  const word = tokens[at]
  if (word?.kind !== 'word' || tokens[at + 1]?.kind !== 'pair') return false
  const wordClass = word.is
  // The number in `1: sk-…` counts the items of a list.
  if (wordClass.kind === 'amount') return false
  if (wordClass.kind !== 'secret') return true
  const value = tokens[at + 2]
  return !wordClass.isCertain && !(value?.kind === 'word' && value.is.kind === 'amount')
}

function hasContent(cell: readonly Token[]): boolean {
  return cell.some((token) => token.kind === 'url' || (token.kind === 'word' && token.is.kind !== 'mark'))
}
