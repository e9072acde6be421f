/** A key found in a text. */
export interface ParsedKey {
  /** The line of the key, counted from 1. */
  readonly line: number
  /** The token itself. */
  readonly secret: string
  /** The amount given with the key, as a decimal string. */
  readonly balance?: string
}

/** A part of a text that is no key and has no other meaning. */
export interface RejectedText {
  /** The line of the text, counted from 1. */
  readonly line: number
  /** Why it was rejected, with the text itself masked. */
  readonly reason: string
}

export interface ParsedKeys {
  readonly keys: ParsedKey[]
  readonly rejected: RejectedText[]
  /** How many more texts were rejected. Missing unless there are too many to list. */
  readonly omitted?: number
}
