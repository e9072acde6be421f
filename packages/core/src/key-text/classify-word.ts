/** What one word of a key text is. `text` is the word as it stands, for the report. */
export type WordClass =
  | { readonly kind: 'secret'; readonly secret: string; readonly isCertain: boolean }
  | { readonly kind: 'amount'; readonly amount: string }
  /** Looks like a key and cannot be one; `why` completes "… ". */
  | { readonly kind: 'broken'; readonly why: string }
  | { readonly kind: 'masked' }
  /** A word that goes with keys and says nothing: `Bearer`, `export`, `CNY`. */
  | { readonly kind: 'filler' }
  /** Punctuation only: a list mark, a rule. */
  | { readonly kind: 'mark' }
  | { readonly kind: 'other' }

/** What the value of a name, or a column under a heading, is. */
export type Role = 'secret' | 'balance' | 'total' | 'other'

/** A web token of a company can be this long; nothing sensible is longer. */
const longestSecret = 4_096
const certainSecret = /^sk-[A-Za-z0-9_-]{16,}$/
const possibleSecret = /^[A-Za-z0-9_.-]{20,}$/
const amountPattern = /^(?:余额|剩余)?([-+]?)[¥￥$€]?(\d{1,18}(?:\.\d{1,18})?)\.?(?:元|块|刀|cny|rmb|usd)?$/i
const grouped = /^[-+]?[¥￥$€]?\d{1,3}(?:,\d{3})+(?:\.\d{1,18})?$/
const maskPattern = /…|\.{3}|\*{3}|•{3}/
/** List marks and sentence ends that stick to a pasted key. */
const leadingMarks = '-*•·~'
const trailingMarks = '.*~。！'

const fillers = new Set(
  `bearer authorization export set setx const let var key keys token tokens apikey apikeys api secret secrets
  balance 余额 剩余 额度 cny rmb usd yuan 元 null none undefined true false yes no`.split(/\s+/),
)
const secretNames = new Set(
  `secret apikey secretkey apisecret apitoken accesstoken accesskey token key sk secrets apikeys tokens keys
  authorization bearer 密钥`.split(/\s+/),
)
/** As in `GROQ_API_KEY` and `hfToken`. */
const secretEnding = /(?:key|token|secret)$/
/** The best of several columns that may hold the secret: a list of keys with ids has both `key` and `secret`. */
const secretNameOrder = ['secret', 'apikey', 'secretkey', 'token', 'key']
const balanceNames = new Set(
  'balance amount credit credits money 余额 可用余额 剩余 剩余额度 额度'.split(' '),
)

/** Reads a word on its own, without its surroundings. Linear in its length. */
export function classifyWord(word: string): WordClass {
  const amount = amountPattern.exec(word)
  if (amount !== null) {
    return { kind: 'amount', amount: (amount[1] === '-' ? '-' : '') + (amount[2] ?? '') }
  }
  if (word.length > longestSecret) {
    return { kind: 'broken', why: `is longer than any key (${longestSecret} characters)` }
  }
  const text = undecorated(word)
  if (certainSecret.test(text)) return { kind: 'secret', secret: text, isCertain: true }
  if (maskPattern.test(word) && /[A-Za-z0-9]/.test(word)) return { kind: 'masked' }
  if (text.startsWith('sk-')) return { kind: 'broken', why: whyBroken(text) }
  if (isPossibleSecret(text)) return { kind: 'secret', secret: text, isCertain: false }
  if (!/[\p{L}\p{N}]/u.test(text)) return { kind: 'mark' }
  return { kind: fillers.has(text.toLowerCase()) ? 'filler' : 'other' }
}

/** `"1,234.56"`, as spreadsheets write it, without its commas; null when the text is not that. */
export function ungroupAmount(text: string): string | null {
  return grouped.test(text) ? text.replaceAll(',', '') : null
}

/** The role of a name as in `name: value`, of a heading, or of an environment variable. */
export function roleOf(name: string): Role {
  const plain = plainName(name)
  if (secretNames.has(plain) || secretEnding.test(plain)) return 'secret'
  if (plain === 'totalbalance' || plain === '总余额') return 'total'
  return balanceNames.has(plain) ? 'balance' : 'other'
}

/** How good a heading is for the column of the secrets: lower is better. */
export function secretRank(name: string): number {
  const rank = secretNameOrder.indexOf(plainName(name))
  return rank === -1 ? secretNameOrder.length : rank
}

/** The keys in an address: anything that is surely one, and the values of parameters that are named like one. */
export function secretsInUrl(url: string): string[] {
  const found = new Set<string>()
  for (const run of url.split(/[^A-Za-z0-9_-]+/)) if (certainSecret.test(run)) found.add(run)
  for (const pair of url.split(/[?&#]/).slice(1)) {
    const split = pair.indexOf('=')
    const value = pair.slice(split + 1)
    if (split > 0 && roleOf(pair.slice(0, split)) === 'secret' && isPossibleSecret(value)) found.add(value)
  }
  return [...found]
}

function undecorated(word: string): string {
  let start = 0
  let end = word.length
  while (start < end && leadingMarks.includes(word[start] ?? '')) start += 1
  while (end > start && trailingMarks.includes(word[end - 1] ?? '')) end -= 1
  const text = word.slice(start, end)
  // Markdown's emphasis; a key may end with `_`, but none begins so.
  return text.startsWith('_sk-') && text.endsWith('_') ? text.slice(1, -1) : text
}

/** `API Key 1` and `api_key` are one name. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/\d{1,9}$/, '')
}

/** A rule of dashes or a number is long too: without letters and digits enough it is no token. */
function isPossibleSecret(text: string): boolean {
  if (!possibleSecret.test(text) || text.startsWith('sk-') || maskPattern.test(text)) return false
  return /[A-Za-z]/.test(text) && text.replace(/[^A-Za-z0-9]/g, '').length >= 12
}

function whyBroken(text: string): string {
  return /^[A-Za-z0-9_-]*$/.test(text)
    ? 'is too short for a key: at least 16 characters follow "sk-"'
    : 'holds a character that no key has'
}
