/** A key found in a text. */
export interface ParsedKey {
  /** The line it stands on, counted from 1. */
  readonly line: number
  /** The token itself. */
  readonly secret: string
  /** The amount given with it, as a decimal string. */
  readonly balance?: string
}

/** Something in a text that is not a key and not understood either. */
export interface RejectedText {
  /** The line it stands on, counted from 1. */
  readonly line: number
  /** Why, with the text itself masked. */
  readonly reason: string
}

export interface ParsedKeys {
  readonly keys: ParsedKey[]
  readonly rejected: RejectedText[]
}
