import { bytesOf, type Call } from '../request/call.js'

/** What a caller has a say in. */
export type CallersPart = Pick<Call, 'body' | 'headers' | 'model' | 'path'>

/** A larger body is not searched: it may hold any words. */
const searchedBytes = 4 * 1024 * 1024

/**
 * Whether the caller sent these words, whatever their case, punctuation and escapes, or a whole value that is their
 * beginning or end: of the model `api key` an upstream says `api key is not valid`.
 */
export function isCallersPhrase(phrase: string, { body, headers, model, path }: CallersPart): boolean {
  const fields = decoded(['', model, ...path.split(/[/?&=#]/), ...headers.filter(isValue), ''].join('"'))
  const wanted = bare(phrase)
  if (bare(fields).includes(wanted)) return true
  const parts = partsOf(phrase.toLowerCase())
  if (parts.some((part) => fields.includes(`"${part}"`))) return true
  if (body === null) return false
  const bytes = bytesOf(body)
  if ('stream' in body || bytes.length > searchedBytes) return true
  const text = decoded(bytes.toString())
  // One word alone, such as "token", is the name of many a parameter.
  return bare(text).includes(wanted) || parts.some((part) => part.includes(' ') && text.includes(`"${part}"`))
}

const isValue = (_text: string, index: number): boolean => index % 2 === 1

/** The words from the first to each, and from each to the last. */
function partsOf(phrase: string): string[] {
  const words = phrase.trim().split(/\s+/)
  return words
    .slice(1)
    .flatMap((_word, index) => [words.slice(0, index + 1).join(' '), words.slice(index + 1).join(' ')])
}

/** Letters and digits alone: an upstream may trim, quote or join what it repeats. */
const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

/** In lower case, without the escapes of JSON, also of JSON in JSON, and of addresses and forms. */
function decoded(text: string): string {
  const plain = text.includes('\\')
    ? text
        .replace(/\\+u([\da-f]{4})/gi, (_escape, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        )
        .replace(/\\+[bfnrt]/g, ' ')
    : text
  return plain
    .replaceAll('+', ' ')
    .replace(/(?:%[\da-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString())
    .toLowerCase()
}
