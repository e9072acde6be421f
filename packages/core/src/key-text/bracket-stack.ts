import type { NameRole } from './name-role.js'
import type { RejectedText } from './parsed-keys.js'
import type { Bracket } from './tokenize.js'

/** A bracket that was opened and not closed yet. */
export interface OpenBracket {
  readonly bracket: Bracket
  readonly role: NameRole | undefined
  /** Masked keys in an object, to be reported unless the object holds a whole key. */
  readonly masked: RejectedText[]
  hasKey: boolean
}

/** The most brackets that can be open at once. No key file nests deeper. */
const deepest = 64

/** The brackets that are open at the current place of a text. */
export class BracketStack {
  readonly #open: OpenBracket[] = []

  get depth(): number {
    return this.#open.length
  }

  get isFull(): boolean {
    return this.#open.length >= deepest
  }

  /** The role that the name of the innermost list gives to its items. */
  get listRole(): NameRole | undefined {
    const innermost = this.#open.at(-1)
    return innermost?.bracket === '[' ? innermost.role : undefined
  }

  /** The innermost object, whatever brackets are open inside it. */
  get object(): OpenBracket | undefined {
    return this.#open.findLast(({ bracket }) => bracket === '{')
  }

  isInnermost(bracket: Bracket): boolean {
    return this.#open.at(-1)?.bracket === bracket
  }

  /** Opens a bracket. A list within a list has the role of the outer one; an object has only its own. */
  push(bracket: Bracket, role: NameRole | undefined): void {
    const inherited = role ?? (bracket === '{' ? undefined : this.listRole)
    this.#open.push({ bracket, role: inherited, masked: [], hasKey: false })
  }

  pop(): OpenBracket | undefined {
    return this.#open.pop()
  }
}
