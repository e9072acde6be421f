import { classifyWord, ungroupAmount } from './classify-word.js'

/** One piece of a line of key text. */
export type Token =
  | { readonly kind: 'word'; readonly text: string; readonly isQuoted: boolean }
  | { readonly kind: 'url'; readonly text: string }
  /** What separates fields: a comma, semicolon, bar, tab, or `----`. */
  | { readonly kind: 'cell'; readonly text: string }
  /** `:` or `=`. */
  | { readonly kind: 'pair' }
  | { readonly kind: 'open'; readonly bracket: Bracket }
  | { readonly kind: 'close'; readonly bracket: Bracket }

/** A kind of bracket, by its opening one. */
export type Bracket = '(' | '[' | '{'

/** White space, and the tags of a web page's source. */
const blank = /(?:[^\S\t]|<\/?[a-z][a-z0-9]{0,9} ?\/?>|[<>])+/iy
/** A date, a time, or both: nothing that belongs to a key, and full of numbers that could be taken for its balance. */
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
/** Quotes by the class within which any of them may close what another opened, because typing mixes them. */
const quotes: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'"“”„‟＂'].map((mark) => [mark, '"“”„‟＂'])),
  ...Object.fromEntries([..."'‘’‚‛＇"].map((mark) => [mark, "'‘’‚‛＇"])),
  ...Object.fromEntries([...'`´'].map((mark) => [mark, '`´'])),
}

/** Quotes within quotes within quotes are read; what is deeper is taken as it stands. */
const deepestQuote = 3

/**
 * Cuts one line into tokens. Outside quotes a `#` begins a comment; inside them commas separate words but not
 * fields. Linear in the length of the line.
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
      // A quote right behind a word closes nothing and opens nothing: an apostrophe, or a left-over.
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

/** Reads an address, an instant or a word. Returns where it ends. */
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

function addQuoted(tokens: Token[], content: string, depth: number): void {
  const text = content.includes('\\') ? content.replace(/\\(.?)/g, unescaped) : content
  const amount = ungroupAmount(text)
  if (amount !== null) tokens.push({ kind: 'word', text: amount, isQuoted: true })
  else for (const token of tokenize(text, depth + 1)) tokens.push(token)
}

const unescaped = (_: string, mark: string): string => ('nrt'.includes(mark) ? ' ' : mark)

/** A run of four dashes separates fields, but only where a part of the word proves it: a key may hold dashes. */
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

function isKeyOrAmount(part: string): boolean {
  const reading = classifyWord(part)
  return reading.kind === 'amount' || (reading.kind === 'secret' && reading.isCertain)
}

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
