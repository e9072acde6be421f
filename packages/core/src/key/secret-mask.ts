import { maskToken } from '../mask.js'
import { plainLetters } from './plain-letters.js'

/** Shorter tokens are masked only where they stand alone: else they would be found inside other words. */
const standsAlone = 8
/** Of a token of this length or longer, parts are masked too: some upstreams repeat all but its end. */
const hasParts = 20

/** A form of a token, in lower case, and from which length on a part of it counts as repeated. */
interface Form {
  readonly text: string
  readonly head: string
  readonly tail: string
}

/**
 * Masks one token wherever a text repeats it: as it is, escaped for JSON, for a URL or for HTML, in Base64 at any
 * offset (as Basic authorization has it), in hexadecimal digits, with some letters escaped, or cut short. Case does not
 * matter.
 */
export class SecretMask {
  readonly #forms: readonly Form[]
  readonly #isShort: boolean
  readonly #mask: string

  constructor(token: string) {
    // It may stand in JSON, in a URL or in HTML.
    this.#mask = maskToken(token).replace(/[^\w.…-]/g, '*')
    this.#isShort = token.length < standsAlone
    this.#forms = formsOf(token)
  }

  /** The text with masks; the very same text when it does not repeat the token. */
  apply(text: string): string {
    return this.#apply(text, this.#mask)
  }

  /** A header's value with masks, in ASCII as headers need it. */
  applyToValue(value: string): string {
    return this.#apply(value, this.#mask.replace('…', '...'))
  }

  #apply(text: string, mask: string): string {
    const masked = this.#withoutForms(text, mask)
    const plain = plainLetters(masked)
    if (plain === masked) return masked
    const maskedPlain = this.#withoutForms(plain, mask)
    return maskedPlain === plain ? masked : maskedPlain
  }

  #withoutForms(text: string, mask: string): string {
    const searched = inLowerCase(text)
    let masked = text
    for (const form of this.#forms) {
      if (searched.includes(form.head) || searched.includes(form.tail))
        masked = withoutForm(masked, form, { mask, standsAlone: this.#isShort })
    }
    return masked
  }
}

/** A few letters of other scripts have more letters in lower case, and their texts are searched as they are. */
function inLowerCase(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text
}

/** The longest first, since a form may lie within another. */
function formsOf(token: string): Form[] {
  const plain = [token, ...escapedForms(token)]
  const coded = token.length < standsAlone ? [] : codedForms(token)
  const cut = token.length < hasParts ? [] : plain.slice(0, 2)
  const texts = new Set([...coded, ...plain].map((form) => form.toLowerCase()))
  const cutTexts = new Set(cut.map((form) => form.toLowerCase()))
  return [...texts]
    .sort((one, other) => other.length - one.length)
    .map((text) => {
      const length = cutTexts.has(text) ? partOf(text) : text.length
      return { text, head: text.slice(0, length), tail: text.slice(-length) }
    })
}

function escapedForms(token: string): string[] {
  const inJson = JSON.stringify(token).slice(1, -1)
  const units = Array.from({ length: token.length }, (_, at) =>
    token.charCodeAt(at).toString(16).padStart(4, '0'),
  )
  const inHtml = token.replace(/[&<>"']/g, (sign) => htmlNames[sign] as string)
  return [
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    inJson.replaceAll('/', '\\/'),
    inJson.replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
    units.map((unit) => `\\u${unit}`).join(''),
    units.map((unit) => `\\\\u${unit}`).join(''),
    units.map((unit) => `\\x${unit.slice(2)}`).join(''),
    units.map((unit) => `\\\\x${unit.slice(2)}`).join(''),
    units.map((unit) => `&#x${unit.slice(2)};`).join(''),
    Array.from({ length: token.length }, (_, at) => `&#${token.charCodeAt(at)};`).join(''),
    ...inUrl(token),
    inHtml,
    inHtml.replaceAll('&#39;', '&apos;'),
    inHtml.replaceAll('&#39;', '&#x27;'),
  ]
}

const htmlNames: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function inUrl(token: string): string[] {
  // A lone surrogate has no such form, and would throw.
  if (/\p{Surrogate}/u.test(token)) return []
  const encoded = encodeURIComponent(token)
  const strictly = encoded.replace(/[!'()*.~_-]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  const wholly = Buffer.from(token).toString('hex').replace(/../g, '%$&')
  const each = [encodeURI(token), encoded.replaceAll('%20', '+'), strictly, wholly]
  return [encoded, encodeURIComponent(encoded), ...each]
}

/** Base64 and its form for URLs, for each place that the token may have in groups of three bytes; and hexadecimal. */
function codedForms(token: string): string[] {
  const bytes = Buffer.from(token)
  const inGroups = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    // The outer letters also depend on the bytes beside the token.
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor(((offset + bytes.length) * 8) / 6)
    return text.slice(first, last)
  })
  const forUrls = inGroups.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))
  return [...inGroups, ...forUrls, bytes.toString('hex')]
}

/** The part of a form from which on it counts as repeated; a mask shows a little less. */
const partOf = (form: string): number => Math.max(14, Math.ceil(form.length * 0.4))

/** The text with masks where it has the beginning or the end of a form, and as much of the form as stands there. */
function withoutForm(
  text: string,
  { text: form, head, tail }: Form,
  { mask, standsAlone }: { mask: string; standsAlone: boolean },
): string {
  const searched = inLowerCase(text)
  let masked = ''
  let from = 0
  let headAt = searched.indexOf(head)
  let tailAt = searched.indexOf(tail)
  for (let next = 0; ; ) {
    // Each is looked for only when it has been passed, so that many of one do not mean many searches for the other.
    if (headAt !== -1 && headAt < next) headAt = searched.indexOf(head, next)
    if (tailAt !== -1 && tailAt < next) tailAt = searched.indexOf(tail, next)
    if (headAt === -1 && tailAt === -1) return from === 0 ? text : masked + text.slice(from)
    const isTail = headAt === -1 || (tailAt !== -1 && tailAt < headAt)
    const begin = isTail ? beginOf(searched, { form, at: tailAt, from }) : headAt
    next = isTail ? tailAt + tail.length : endOf(searched, form, headAt)
    if (standsAlone && (isWordPart(searched[begin - 1]) || isWordPart(searched[next]))) continue
    masked += text.slice(from, begin) + mask
    from = next
  }
}

const isWordPart = (sign: string | undefined): boolean => sign !== undefined && /[\w-]/.test(sign)

/** Where the part of a form ends that begins here. */
function endOf(text: string, form: string, at: number): number {
  let end = at
  while (end - at < form.length && text[end] === form[end - at]) end++
  return end
}

/** Where the part of a form begins whose last letters begin here. */
function beginOf(text: string, { form, at, from }: { form: string; at: number; from: number }): number {
  let begin = at
  for (let left = form.length - partOf(form); left > 0 && begin > from; left--, begin--)
    if (text[begin - 1] !== form[left - 1]) break
  return begin
}
