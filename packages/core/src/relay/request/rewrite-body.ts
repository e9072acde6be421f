import { isEnd, JsonMembers, type Member, startOfObject } from '../../wire/json-members.js'
import { boundaryOf, rewriteForm } from './rewrite-form.js'

/** The changes to a request's body. */
export interface BodyChanges {
  readonly model?: string
  /** `false` also removes `stream_options`, which upstreams refuse without a stream. */
  readonly stream?: boolean
  /** Sets `stream_options.include_usage` and keeps the other stream options. */
  readonly includeUsage?: true
}

/** A text that replaces the bytes between two indexes. */
interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * Sets top-level members of a body and keeps every other byte: big integers, order, white space and an image of 20 MB
 * are not parsed. A repeated name is set at each of its places; an absent one is put in front. In a form only the field
 * `model` can be set. Null for a body that cannot be changed: one that is cut off, one that is not an object, or a form
 * that should stream.
 */
export function rewriteBody(
  bytes: Buffer,
  contentType: string | undefined,
  changes: BodyChanges,
): Buffer | null {
  const { model, stream, includeUsage } = changes
  const isForModelAlone = stream === undefined && includeUsage === undefined
  if (isForModelAlone && model === undefined) return bytes
  const boundary = boundaryOf(contentType)
  if (boundary === null) return rewriteJson(bytes, changes)
  return isForModelAlone && model !== undefined ? rewriteForm(bytes, boundary, model) : null
}

function rewriteJson(bytes: Buffer, changes: BodyChanges): Buffer | null {
  const open = startOfObject(bytes)
  if (open === -1) return null
  const edits = new ObjectEdits(open)
  const members = new JsonMembers(bytes, open)
  while (members.next()) {
    if (changes.model !== undefined && members.isNamed('model'))
      edits.set('model', members, JSON.stringify(changes.model))
    else if (changes.stream !== undefined && members.isNamed('stream'))
      edits.set('stream', members, String(changes.stream))
    else if (changes.stream === false && members.isNamed('stream_options')) edits.remove(members)
    else if (changes.includeUsage && members.isNamed('stream_options'))
      edits.replace('stream_options', members, optionsWithUsage(bytes, members))
    else edits.keep(members)
  }
  if (members.end === -1 || !isEnd(bytes, members.end)) return null
  if (changes.includeUsage && changes.stream !== false) edits.add('stream_options', '{"include_usage":true}')
  if (changes.stream !== undefined) edits.add('stream', String(changes.stream))
  if (changes.model !== undefined) edits.add('model', JSON.stringify(changes.model))
  return spliced(bytes, edits.finish())
}

/** The edits inside `stream_options`. Options that are neither an object nor null stay: the upstream refuses them. */
function optionsWithUsage(bytes: Buffer, { valueStart, valueEnd }: Member): Edit[] {
  const edits = new ObjectEdits(valueStart)
  const members = new JsonMembers(bytes, valueStart)
  while (members.next()) {
    if (members.isNamed('include_usage')) edits.set('include_usage', members, 'true')
    else edits.keep(members)
  }
  if (members.end === -1) {
    const isNull = bytes.toString('latin1', valueStart, valueEnd) === 'null'
    return isNull ? [{ from: valueStart, to: valueEnd, text: '{"include_usage":true}' }] : []
  }
  edits.add('include_usage', 'true')
  return edits.finish()
}

/** Collects the edits of one object while its members are walked. */
class ObjectEdits {
  readonly #open: number
  readonly #edits: Edit[] = []
  /** The names of the members that have been changed. */
  readonly #changed = new Set<string>()
  readonly #added: string[] = []
  /** The index behind the last member that stays; -1 while there is none. */
  #keptEnd = -1
  /** The latest run of removed members; null for none. */
  #removed: { readonly from: number; readonly to: number } | null = null

  constructor(open: number) {
    this.#open = open
  }

  keep({ start, valueEnd }: Member): void {
    if (this.#removed !== null) this.#edits.push({ from: this.#removed.from, to: start, text: '' })
    this.#removed = null
    this.#keptEnd = valueEnd
  }

  set(name: string, member: Member, text: string): void {
    this.replace(name, member, [{ from: member.valueStart, to: member.valueEnd, text }])
  }

  replace(name: string, member: Member, edits: readonly Edit[]): void {
    this.keep(member)
    this.#changed.add(name)
    this.#edits.push(...edits)
  }

  /** Removes a member with one comma: the one behind it, or else the one before it. */
  remove({ start, valueEnd }: Member): void {
    this.#removed = { from: this.#removed?.from ?? start, to: valueEnd }
  }

  /** Puts a member in front, unless one of its name has been changed. */
  add(name: string, text: string): void {
    if (!this.#changed.has(name)) this.#added.unshift(`${JSON.stringify(name)}:${text}`)
  }

  finish(): Edit[] {
    if (this.#removed !== null) {
      const { from, to } = this.#removed
      this.#edits.push({ from: this.#keptEnd === -1 ? from : this.#keptEnd, to, text: '' })
    }
    if (this.#added.length === 0) return this.#edits
    const text = this.#added.join(',') + (this.#keptEnd === -1 ? '' : ',')
    return [{ from: this.#open + 1, to: this.#open + 1, text }, ...this.#edits]
  }
}

function spliced(bytes: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return bytes
  const pieces: Buffer[] = []
  let at = 0
  for (const { from, to, text } of edits) {
    pieces.push(bytes.subarray(at, from), Buffer.from(text))
    at = to
  }
  pieces.push(bytes.subarray(at))
  return Buffer.concat(pieces)
}
