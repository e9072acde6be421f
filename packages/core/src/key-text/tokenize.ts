import { classifyWord, isCertainKey } from './classify-word.js'

/** One piece of a line of key text. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly isQuoted: boolean }
  | { readonly kind: 'url'; readonly text: string }
  /** A separator of fields: a comma, semicolon, bar, tab, or `----`. */
  | { readonly kind: 'cell'; readonly text: string }
  /** `:` or `=`. */
  | { readonly kind: 'pair' }
  | { readonly kind: 'open'; readonly bracket: Bracket }
  | { readonly kind: 'close'; readonly bracket: Bracket }

/** The kind of a bracket, by its opening character. */
export type Bracket = '(' | '[' | '{'

/** White space, and the tags of a web page's source. */
const blank = /(?:[^\S\t]|<\/?[a-z][a-z0-9]{0,9} ?\/?>|[<>])+/iy
/** A date, a time, or both. They are skipped, because their numbers could be taken for a balance. */
const instant =
  /(?:\d{4}([-/])\d{1,2}\1\d{1,2}(?:T\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?|\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|[-+]\d{2}:?\d{2})?(?![\w:.-])/y
const url = /[A-Za-z][A-Za-z0-9+.-]{1,15}:\/\/[^\s"'`<>|,;，；]+/y
const word = /[^\s<>,;|:=(){}[\]#"'`，；、｜：＝（）【】“”„‟＂‘’‚‛＇´]+/y

const cells: Readonly<Record<string, string>> = {
  ',': ',',
  '，': ',',
  '、': ',',
  ';': ';',
  '；': ';',
  '|': '|',
  '｜': '|',
  '\t': '\t',
}
const opening: Readonly<Record<string, Bracket>> = { '(': '(', '（': '(', '[': '[', '【': '[', '{': '{' }
const closing: Readonly<Record<string, Bracket>> = { ')': '(', '）': '(', ']': '[', '】': '[', '}': '{' }
/** Quotes by class. Any quote of a class may close what another one of it opened, because people mix them. */
const quotes: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'"“”„‟＂'].map((mark) => [mark, '"“”„‟＂'])),
  ...Object.fromEntries([..."'‘’‚‛＇"].map((mark) => [mark, "'‘’‚‛＇"])),
  ...Object.fromEntries([...'`´'].map((mark) => [mark, '`´'])),
}

/** Quotes are read up to this depth; deeper ones count as punctuation. */
const deepestQuote = 3

/**
 * Cuts one line into tokens, in time that is linear in its length. Outside quotes a `#` begins a comment; inside them
 * commas separate words but not fields.
 */
export function tokenize(line: string, depth = 0): Token[] {
  const tokens: Token[] = []
  let at = 0
  let wordEnd = -1
  while (at < line.length) {
    const mark = line[at] ?? ''
    if (mark === '#') {
      if (depth === 0) break
      at += 1
    } else if (quotes[mark] !== undefined) {
      // A quote directly after a word is an apostrophe or a left-over: it opens nothing.
      const end = at === wordEnd || depth >= deepestQuote ? -1 : closingQuote(line, at + 1, quotes[mark])
      if (end !== -1) addQuoted(tokens, line.slice(at + 1, end), depth)
      at = end === -1 ? at + 1 : end + 1
    } else if (cells[mark] !== undefined) {
      if (depth === 0) tokens.push({ kind: 'cell', text: cells[mark] })
      at += 1
    } else if (':=：＝'.includes(mark)) {
      tokens.push({ kind: 'pair' })
      at += 1
    } else if (opening[mark] !== undefined) {
      tokens.push({ kind: 'open', bracket: opening[mark] })
      at += 1
    } else if (closing[mark] !== undefined) {
      tokens.push({ kind: 'close', bracket: closing[mark] })
      at += 1
    } else {
      const blanks = match(blank, line, at).length
      at = blanks > 0 ? at + blanks : addRun(tokens, line, at, depth > 0)
      wordEnd = blanks > 0 ? -1 : at
    }
  }
  return tokens
}

/** Reads an address, an instant or a word, and returns its end. */
function addRun(tokens: Token[], line: string, at: number, isQuoted: boolean): number {
  const address = match(url, line, at)
  if (address !== '') {
    tokens.push({ kind: 'url', text: address })
    return at + address.length
  }
  const moment = match(instant, line, at)
  if (moment !== '') return at + moment.length
  const text = match(word, line, at)
  addWord(tokens, text, isQuoted)
  return at + Math.max(text.length, 1)
}

/** An amount as spreadsheets write it, with commas between the thousands. */
const groupedAmount = /^[-+]?[¥￥$€]?\d{1,3}(?:,\d{3})+(?:\.\d{1,18})?$/

function addQuoted(tokens: Token[], content: string, depth: number): void {
  const text = content.includes('\\') ? content.replace(/\\(.?)/g, unescaped) : content
  if (groupedAmount.test(text)) tokens.push({ kind: 'word', text: text.replaceAll(',', ''), isQuoted: true })
  else for (const token of tokenize(text, depth + 1)) tokens.push(token)
}

const unescaped = (_: string, mark: string): string => ('nrt'.includes(mark) ? ' ' : mark)

/** Splits a word at four dashes or more if a part is a key or an amount. Otherwise the dashes may belong to a key. */
function addWord(tokens: Token[], text: string, isQuoted: boolean): void {
  const parts = text.includes('----') ? text.split(/-{4,}/) : [text]
  if (parts.length === 1 || !parts.some(isKeyOrAmount)) {
    tokens.push({ kind: 'word', text, isQuoted })
    return
  }
  for (const [index, part] of parts.entries()) {
    if (index > 0) tokens.push({ kind: 'cell', text: '----' })
    if (part !== '') tokens.push({ kind: 'word', text: part, isQuoted })
  }
}

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
