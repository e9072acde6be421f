import { createHash } from 'node:crypto'
import type { Key } from '../../key/key.js'
import type { KeyRequest } from '../../selection/key-request.js'
import { headerValue } from '../../wire/headers.js'
import { JsonMembers, skipSpace, startOfObject, stringAt } from '../../wire/json-members.js'
import type { Call } from './call.js'
import type { SessionOptions } from './session-options.js'

/** A rough average: English has about four bytes a token, Chinese three bytes a character. */
const bytesPerToken = 4
const colon = 0x3a
const longestNumber = 20
/** A `user` or a `prompt_cache_key` that is longer is not read. */
const longestString = 256
/** The most output tokens that are believed: a larger number is no estimate, and would drown the counts. */
const mostOutput = 1_000_000

/** The tokens of an image or audio inside a body, of any size: models take a few hundred to a few thousand for each. */
const tokensPerEmbedded = 1_000
const embedded = ';base64,'

/** What a call is bound to beside its content. */
export interface Bound {
  /** The only account that may serve the call; null for any. */
  readonly account: string | null
  /** Whether the call costs nothing, whatever its model. */
  readonly isFree: boolean
}

export const unbound: Bound = Object.freeze({ account: null, isFree: false })

/** How many inferred cooldowns one request may end early when no key is ready. */
const lastResorts = 3

/**
 * The key request of a call. The facts that only some pools use are found when they are first read, without parsing
 * the body.
 */
export class CallKeyRequest implements KeyRequest {
  readonly model: string
  readonly askedModel: string
  readonly account: string | null
  readonly isFree: boolean
  readonly client: string | null
  now = 0
  tried: ReadonlySet<Key> | null = null
  lastResorts: number = lastResorts
  readonly #call: Call
  readonly #sessions: Required<SessionOptions>
  #members: ReadonlyMap<string, number> | null = null
  #session: string | null | undefined
  #promptTokens: number | null = null

  constructor(call: Call, sessions: Required<SessionOptions>, { account, isFree }: Bound) {
    this.model = call.model
    this.askedModel = call.askedModel
    this.account = account
    // Lists and lookups are free at the upstream.
    this.isFree = isFree || call.route.name === 'read'
    this.client = call.client
    this.#call = call
    this.#sessions = sessions
  }

  /** The tokens of the input, by the size of the body. Models do not read the bytes of uploads and images as text. */
  get promptTokens(): number {
    this.#promptTokens ??= this.#call.route.name === 'transcriptions' ? 0 : promptTokensOf(this.#bytes)
    return this.#promptTokens
  }

  get maxOutput(): number | null {
    const bytes = this.#bytes
    if (bytes.length <= 2 * edgeLength) return maxOutputIn(bytes)
    return maxOutputIn(bytes.subarray(-edgeLength)) ?? maxOutputIn(bytes.subarray(0, edgeLength))
  }

  get images(): number {
    if (this.#call.route.name !== 'images') return 0
    return this.#number('n') ?? this.#number('batch_size') ?? 1
  }

  get isStream(): boolean {
    const at = this.#valueOf('stream')
    return at !== undefined && this.#bytes.subarray(at, at + 4).toString('latin1') === 'true'
  }

  get session(): string | null {
    if (this.#session === undefined) this.#session = this.#findSession()
    return this.#session
  }

  #findSession(): string | null {
    for (const source of this.#sessions.by) {
      const found = source === 'header' ? this.#header() : source === 'user' ? this.#user() : this.#prefix()
      if (found !== null && found !== '')
        return `${source} ${found.length > longestSession ? digestOf(found) : found}`
    }
    return null
  }

  #header(): string | null {
    return headerValue(this.#call.headers, this.#sessions.header.toLowerCase()) ?? null
  }

  #user(): string | null {
    return this.#string('prompt_cache_key') ?? this.#string('user')
  }

  /** The digest of a conversation's beginning, which stays the same while the conversation grows at its end. */
  #prefix(): string | null {
    const start = this.#valueOf('messages') ?? this.#valueOf('prompt')
    if (start === undefined) return null
    const prefix = this.#bytes.subarray(start, start + this.#sessions.prefixBytes)
    return digestOf(this.#call.model, prefix)
  }

  #string(name: string): string | null {
    const at = this.#valueOf(name)
    return at === undefined ? null : stringAt(this.#bytes, at, longestString)
  }

  #number(name: string): number | null {
    const at = this.#valueOf(name)
    return at === undefined ? null : numberAt(this.#bytes, at)
  }

  /** The index of a top-level member's value. */
  #valueOf(name: string): number | undefined {
    this.#members ??= membersOf(this.#bytes)
    return this.#members.get(name)
  }

  get #bytes(): Buffer {
    const { body } = this.#call
    if (body === null || !('bytes' in body)) return none
    const { bytes } = body
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}

const none = Buffer.alloc(0)

function promptTokensOf(bytes: Buffer): number {
  let length = bytes.length
  let count = 0
  // An embedded file in a small body is too small to matter.
  let at = length > edgeLength ? bytes.indexOf(embedded) : -1
  while (at !== -1) {
    const quote = bytes.indexOf(0x22, at)
    const end = quote === -1 ? bytes.length : quote
    length -= end - at
    count++
    at = bytes.indexOf(embedded, end)
  }
  return Math.ceil(length / bytesPerToken) + count * tokensPerEmbedded
}

/** The longest session name that is kept: the pool remembers thousands, so it keeps a digest of a longer one. */
const longestSession = 64

const digestOf = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('base64url')
}

/** The bytes at either end of a large body that are searched: its limits stand before its messages or behind them. */
const edgeLength = 16 * 1024

/**
 * The number behind `max_tokens` or one of its younger names, found by a native search. Inside a text the quotes of the
 * name would be escaped, and deeper in the body no number follows it. It is read byte by byte, because every request
 * pays for it.
 */
function maxOutputIn(bytes: Buffer): number | null {
  for (let at = bytes.indexOf('tokens"'); at !== -1; at = bytes.indexOf('tokens"', at + 1)) {
    const open = bytes.lastIndexOf(0x22, at)
    const isLimit = bytes[open + 1] === 0x6d && bytes[open + 2] === 0x61 && bytes[open + 3] === 0x78
    const limit = isLimit ? numberAt(bytes, startOfLimit(bytes, at + 7)) : null
    if (limit !== null) return limit
  }
  return null
}

/** The index of the value behind a name's closing quote. */
function startOfLimit(bytes: Buffer, from: number): number {
  const colonAt = skipSpace(bytes, from)
  return bytes[colonAt] === colon ? skipSpace(bytes, colonAt + 1) : colonAt
}

/** The whole number whose digits begin at `start`, at most `mostOutput`; null for none. */
function numberAt(bytes: Buffer, start: number): number | null {
  let value = 0
  let at = start
  for (; at < start + longestNumber; at++) {
    const digit = (bytes[at] ?? 0) - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  return at === start ? null : Math.min(value, mostOutput)
}

const readMembers = ['batch_size', 'messages', 'n', 'prompt', 'prompt_cache_key', 'stream', 'user']

function membersOf(body: Buffer): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  const members = new JsonMembers(body, startOfObject(body))
  while (found.size < readMembers.length && members.next()) {
    for (const name of readMembers)
      if (members.isNamed(name) && !found.has(name)) found.set(name, members.valueStart)
  }
  return found
}
