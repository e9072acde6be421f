import { isMasked } from './is-masked.js'
import { secretShape } from './secret-shape.js'

/** What one word of a key text is. */
export type WordClass =
  | { readonly kind: 'secret'; readonly secret: string; readonly isCertain: boolean }
  | { readonly kind: 'amount'; readonly amount: string }
  /** Looks like a key and cannot be one. `why` continues a sentence that begins with the word. */
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'masked' }
  /** A word that goes with keys and has no meaning here: `Bearer`, `export`, `CNY`. */
  | { readonly kind: 'filler' }
  /** Punctuation only: a list mark, a rule. */
  | { readonly kind: 'mark' }
  | { readonly kind: 'other' }

/** The web token of a company can be this long; a longer word is no key. */
const longestSecret = 4_096
const amountPattern = /^(?:余额|剩余)?([-+]?)[¥￥$€]?(\d{1,18}(?:\.\d{1,18})?)\.?(?:元|块|刀|cny|rmb|usd)?$/i
/** List marks and sentence ends that stick to a pasted key. */
const leadingMarks = '-*•·~'
const trailingMarks = '.*~。！'

const fillers = new Set(
  `bearer authorization export set setx const let var key keys token tokens apikey apikeys api secret secrets
  balance 余额 剩余 额度 cny rmb usd yuan 元 null none undefined true false yes no`.split(/\s+/),
)

const masked: WordClass = { kind: 'masked' }
const mark: WordClass = { kind: 'mark' }
const filler: WordClass = { kind: 'filler' }
const other: WordClass = { kind: 'other' }

/** Words of a few letters, which make up prose, are told apart without the patterns below. */
const plainWord = /^[A-Za-z]{1,15}$/

/** Classifies a word without its surroundings, in time that is linear in its length. */
export function classifyWord(word: string): WordClass {
  if (word.length < 16 && plainWord.test(word)) return fillers.has(word.toLowerCase()) ? filler : other
  const amount = amountPattern.exec(word)
  if (amount !== null) {
    return { kind: 'amount', amount: (amount[1] === '-' ? '-' : '') + (amount[2] ?? '') }
  }
  if (word.length > longestSecret) {
    return { kind: 'broken', why: `is longer than any key (${longestSecret} characters)` }
  }
  const text = withoutMarks(word)
  const shape = secretShape(text)
  if (shape === 'certain') return { kind: 'secret', secret: text, isCertain: true }
  if (isMasked(word) && /[A-Za-z0-9]/.test(word)) return masked
  if (text.startsWith('sk-')) return { kind: 'broken', why: whyBroken(text) }
  if (shape === 'possible') return { kind: 'secret', secret: text, isCertain: false }
  if (!/[\p{L}\p{N}]/u.test(text)) return mark
  return fillers.has(text.toLowerCase()) ? filler : other
}

/** Whether a word is a key for certain. */
export function isCertainKey(word: string): boolean {
  const found = classifyWord(word)
  return found.kind === 'secret' && found.isCertain
}

function withoutMarks(word: string): string {
  let start = 0
  let end = word.length
  while (start < end && leadingMarks.includes(word[start] ?? '')) start += 1
  while (end > start && trailingMarks.includes(word[end - 1] ?? '')) end -= 1
  const text = word.slice(start, end)
  // Markdown writes emphasis with `_`. A key may end with `_`, but none begins with it.
  return text.startsWith('_sk-') && text.endsWith('_') ? text.slice(1, -1) : text
}

function whyBroken(text: string): string {
  return /^[A-Za-z0-9_-]*$/.test(text)
    ? 'is too short for a key: at least 16 characters follow "sk-"'
    : 'holds a character that no key has'
}
