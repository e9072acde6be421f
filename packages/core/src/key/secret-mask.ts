import { maskToken } from '../mask.js'

/** Shorter tokens are masked only where they stand alone: else they would be found inside other words. */
const standsAlone = 8
/** Of a token of this length or longer its longer parts are masked too: some upstreams repeat all but its end. */
const hasParts = 20

/**
 * Masks one token wherever a text repeats it: as it is, escaped for JSON, for a URL or for HTML, in Base64 at any
 * offset (as Basic authorization has it), in hexadecimal digits, or cut short. Case does not matter.
 */
export class SecretMask {
  readonly #pattern: RegExp
  readonly #mask: string
  /** No text that is shorter holds the token whole. */
  readonly minLength: number

  constructor(token: string) {
    this.#mask = maskToken(token)
    this.minLength = token.length
    this.#pattern = patternOf(token)
  }

  /** The text with masks; the very same text when it does not repeat the token. */
  apply(text: string): string {
    if (text.length < this.minLength && text.length < hasParts / 2) return text
    return text.replace(this.#pattern, this.#mask)
  }

  /** A header's value with masks. Most values are too short to hold the token, which is all that is compared. */
  applyToValue(value: string): string {
    if (value.length < this.minLength) return value
    // Headers carry ASCII.
    return value.replace(this.#pattern, this.#mask.replace('…', '...'))
  }
}

function patternOf(token: string): RegExp {
  const isShort = token.length < standsAlone
  const plain = [token, ...escapedForms(token)].map(literal)
  const whole = plain.map((form) => (isShort ? `(?<![\\w-])${form}(?![\\w-])` : form))
  const coded = isShort ? [] : codedForms(token).map(literal)
  const parts = token.length < hasParts ? [] : partsOf(token).map(literal)
  const forms = [...new Set([...coded, ...whole, ...parts])].sort((one, other) => other.length - one.length)
  return new RegExp(forms.join('|'), 'gi')
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

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
  return [encoded, encodeURI(token), encoded.replaceAll('%20', '+'), strictly, encodeURIComponent(encoded)]
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

/** The most that may stay readable of a token that was cut is a little more than a mask shows. */
const longestShown = 14

/** The first and the last part of the token, from which on it counts as repeated. */
function partsOf(token: string): string[] {
  const length = Math.max(longestShown, Math.ceil(token.length * 0.4))
  return [token.slice(0, length), token.slice(-length)]
}
