import { classifyWord, isCertainKey, type WordClass } from './classify-word.js'

/** A word, and what it is. */
export interface Word {
  readonly kind: 'word'
  readonly text: string
  readonly isQuoted: boolean
  readonly is: WordClass
}

/** One piece of a line of key text. */
export type Token =
  | Word
  | { readonly kind: 'url'; readonly text: string }
  /** A separator of fields: a comma, semicolon, bar, tab, or `----`. */
  | { readonly kind: 'cell'; readonly text: string }
  /** `:` or `=`. */
  | { readonly kind: 'pair' }
  | { readonly kind: 'open'; readonly bracket: Bracket }
  | { readonly kind: 'close'; readonly bracket: Bracket }

/** The kind of a bracket, by its opening character. */
export type Bracket = '(' | '[' | '{'

/** A tag of a web page's source. */
const tag = /<\/?[a-z][a-z0-9]{0,9} ?\/?>/iy
const space = /[^\S\t]/
/** A date, a time, or both. They are skipped, because their numbers could be taken for a balance. */
const instant =
  /(?:\d{4}([-/])\d{1,2}\1\d{1,2}(?:T\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?|\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|[-+]\d{2}:?\d{2})?(?![\w:.-])/y
const url = /[A-Za-z][A-Za-z0-9+.-]{1,15}:\/\/[^\s"'`<>|,;，；、“”‘’「」『』《》]+/y
const word =
  /[^\s<>,;|:=(){}[\]#"'`，；、｜：＝（）【】［］｛｝〔〕〖〗＃﹐﹑﹔﹕﹦﹙﹚﹛﹜＜＞《》〈〉「」『』〝〞〟“”„‟＂‘’‚‛＇´«»‹›]+/y
/** Marks that only set text apart. */
const blankMarks = '>＜＞《》〈〉「」『』'

const cells: Readonly<Record<string, string>> = {
  ',': ',',
  '，': ',',
  '﹐': ',',
  '、': ',',
  '﹑': ',',
  ';': ';',
  '；': ';',
  '﹔': ';',
  '|': '|',
  '｜': '|',
  '\t': '\t',
}
const brackets: readonly (readonly [Bracket, opening: string, closing: string])[] = [
  ['(', '(（﹙', ')）﹚'],
  ['[', '[【［〔〖', ']】］〕〗'],
  ['{', '{｛﹛', '}｝﹜'],
]
const opening = tokensByMark('open', 1)
const closing = tokensByMark('close', 2)

/** A token for each mark, made once: a line may hold millions of them. */
function tokensByMark(kind: 'open' | 'close', column: 1 | 2): Readonly<Record<string, Token>> {
  const found: Record<string, Token> = {}
  for (const row of brackets) for (const mark of row[column]) found[mark] = { kind, bracket: row[0] }
  return found
}

const pair: Token = { kind: 'pair' }
const cellTokens: Readonly<Record<string, Token>> = Object.fromEntries(
  Object.entries(cells).map(([mark, text]) => [mark, { kind: 'cell', text }]),
)
/** Quotes by class. Any quote of a class may close what another one of it opened, because people mix them. */
const quotes: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'"“”„‟＂〝〞〟«»'].map((mark) => [mark, '"“”„‟＂〝〞〟«»'])),
  ...Object.fromEntries([..."'‘’‚‛＇‹›"].map((mark) => [mark, "'‘’‚‛＇‹›"])),
  ...Object.fromEntries([...'`´'].map((mark) => [mark, '`´'])),
}

/** Quotes are read up to this depth; deeper ones count as punctuation. */
const deepestQuote = 3

/** No line of a key file holds as much; further words and marks of a line are left out, and that is said. */
const mostWords = 500_000
const mostTokens = 4_000_000
/** A longer run of one mark says nothing more. */
const longestRun = 1_000

/** The tokens of a line, while they are gathered. */
class Tokens {
  readonly list: Token[] = []
  #words = 0
  #run = 0
  #last: Token | null = null

  get isFull(): boolean {
    return this.#words >= mostWords || this.list.length >= mostTokens
  }

  addMark(token: Token): void {
    this.#run = token === this.#last ? this.#run + 1 : 0
    this.#last = token
    if (this.#run < longestRun) this.list.push(token)
  }

  addWord(text: string, isQuoted: boolean): void {
    this.#words += 1
    this.#last = null
    this.list.push({ kind: 'word', text, isQuoted, is: classifyWord(text) })
  }

  addUrl(text: string): void {
    this.#words += 1
    this.#last = null
    this.list.push({ kind: 'url', text })
  }
}

/** The tokens of a line; `isCut` when there were more than a line may have. */
export interface TokenLine {
  readonly tokens: readonly Token[]
  readonly isCut: boolean
}

/**
 * Cuts one line into tokens, in time and memory that are linear in its length. Outside quotes a `#` begins a comment;
 * inside them commas separate words but not fields.
 */
export function tokenize(line: string): TokenLine {
  const tokens = new Tokens()
  addTokens(tokens, line, 0)
  return { tokens: tokens.list, isCut: tokens.isFull }
}

function addTokens(tokens: Tokens, line: string, depth: number): void {
  let at = 0
  let wordEnd = -1
  while (at < line.length && !tokens.isFull) {
    const mark = line[at] ?? ''
    if (mark === '#' || mark === '＃') {
      if (depth === 0) break
      at += 1
    } else if (quotes[mark] !== undefined) {
      // A quote directly after a word is an apostrophe or a left-over: it opens nothing.
      const end = at === wordEnd || depth >= deepestQuote ? -1 : closingQuote(line, at + 1, quotes[mark])
      if (end !== -1) addQuoted(tokens, line.slice(at + 1, end), depth)
      at = end === -1 ? at + 1 : end + 1
    } else if (addMark(tokens, mark, depth)) at += 1
    else {
      const blankEnd = endOfBlank(line, at)
      wordEnd = blankEnd > at ? -1 : addRun(tokens, line, at, depth > 0)
      at = blankEnd > at ? blankEnd : wordEnd
    }
  }
}

/** Adds a mark that is a token of its own; false for any other character. */
function addMark(tokens: Tokens, mark: string, depth: number): boolean {
  const cell = cellTokens[mark]
  if (cell !== undefined) {
    if (depth === 0) tokens.addMark(cell)
    return true
  }
  const token = ':=：＝﹕﹦'.includes(mark) ? pair : (opening[mark] ?? closing[mark])
  if (token !== undefined) tokens.addMark(token)
  return token !== undefined
}

/** The end of white space and of the tags of a web page's source. A loop, because a pattern would need a deep stack. */
function endOfBlank(line: string, from: number): number {
  let at = from
  while (at < line.length) {
    const mark = line[at] ?? ''
    if (mark === '<') at += Math.max(match(tag, line, at).length, 1)
    else if (mark === ' ' || blankMarks.includes(mark) || space.test(mark)) at += 1
    else break
  }
  return at
}

/** Reads an address, an instant or a word, and returns its end. */
function addRun(tokens: Tokens, line: string, at: number, isQuoted: boolean): number {
  const text = match(word, line, at)
  // Most words are plain, and need not be tried as anything else.
  if (line[at + text.length] === ':' || /^\d/.test(text)) {
    const address = match(url, line, at)
    if (address !== '') {
      tokens.addUrl(address)
      return at + address.length
    }
    const moment = match(instant, line, at)
    if (moment !== '') return at + moment.length
  }
  addWord(tokens, text, isQuoted)
  return at + Math.max(text.length, 1)
}

/** An amount as spreadsheets write it, with commas between the thousands. */
const longestAmount = 64
/** A key and what stands beside it, joined by dashes, are not longer. */
const longestJoined = 16_384
const groupedAmount = /^[-+]?[¥￥$€]?\d{1,3}(?:,\d{3})+(?:\.\d{1,18})?$/

function addQuoted(tokens: Tokens, content: string, depth: number): void {
  const text = content.includes('\\') ? unescaped(content) : content
  if (text.length <= longestAmount && groupedAmount.test(text)) tokens.addWord(text.replaceAll(',', ''), true)
  else addTokens(tokens, text, depth + 1)
}

/** Takes the backslashes out of a quoted text. Pieces are joined once: a replacing function is slow for millions. */
function unescaped(text: string): string {
  const pieces: string[] = []
  let from = 0
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at + 2)) {
    pieces.push(text.slice(from, at))
    const isBlank = 'nrt'.includes(text[at + 1] ?? '-')
    if (isBlank) pieces.push(' ')
    from = isBlank ? at + 2 : at + 1
  }
  pieces.push(text.slice(from))
  return pieces.join('')
}

/** Long dashes, too: editors join two of them, and Chinese text writes them in pairs. */
const dashes = /-{4,}|[‒–—―─]+/

/** Splits a word at four dashes or more if a part is a key or an amount. Otherwise the dashes may belong to a key. */
function addWord(tokens: Tokens, text: string, isQuoted: boolean): void {
  const isJoined = text.length > 4 && text.length <= longestJoined && dashes.test(text)
  const parts = isJoined ? text.split(dashes) : [text]
  if (parts.length === 1 || !parts.some(isKeyOrAmount)) return tokens.addWord(text, isQuoted)
  for (const [index, part] of parts.entries()) {
    if (index > 0) tokens.addMark(dashCell)
    if (part !== '') tokens.addWord(part, isQuoted)
  }
}

const dashCell: Token = { kind: 'cell', text: '----' }

const isKeyOrAmount = (part: string): boolean => isCertainKey(part) || classifyWord(part).kind === 'amount'

function closingQuote(line: string, from: number, marks: string): number {
  for (let at = from; at < line.length; at++) {
    const mark = line[at] ?? ''
    if (mark === '\\') at += 1
    else if (marks.includes(mark)) return at
  }
  return -1
}

function match(pattern: RegExp, line: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0] ?? ''
}
