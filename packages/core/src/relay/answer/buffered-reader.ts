import { StringDecoder } from 'node:string_decoder'
import type { Route } from '../../provider/provider.js'
import { ChatAssembly } from '../../sse/chat-assembly.js'
import { MessageAssembly } from '../../sse/message-assembly.js'
import { StreamTap } from '../../sse/stream-tap.js'
import type { Usage } from '../../usage/usage.js'
import { isRecord } from '../../wire/json.js'
import type { AnswerHead } from './answer-head.js'
import { jsonHeaders } from './body-headers.js'
import { type Ending, emptyAnswer, halfAnswer, unreadableAnswer, wholeAnswer } from './ending.js'
import type { Reader } from './reader.js'
import { replyToHiddenError } from './reply.js'
import { assemblyLimit, tooLong } from './too-long.js'

/** Reads a stream for a client that asked for one JSON reply: assembles the reply, and sends it when it is whole. */
export class BufferedReader implements Reader {
  readonly hasEvents = false
  failure: Ending | null = null
  headers: readonly string[]
  readonly #head: AnswerHead
  readonly #hasEndMark: boolean
  readonly #decoder = new StringDecoder('utf8')
  readonly #tap: StreamTap
  readonly #assembly: ChatAssembly | MessageAssembly
  #size = 0

  constructor(head: AnswerHead, route: Route) {
    this.#head = head
    this.headers = head.headers
    this.#hasEndMark = route.terminator !== 'none'
    this.#assembly = route.terminator === 'message_stop' ? new MessageAssembly() : new ChatAssembly()
    const assemble = (event: unknown): void => {
      if (isRecord(event)) this.#assembly.push(event)
    }
    this.#tap = new StreamTap(route, assemble, assemblyLimit)
  }

  get isAwaitingOutput(): boolean {
    return !this.#tap.hasOutput
  }

  get isWhole(): boolean {
    return this.#hasEndMark && this.#tap.isTerminated
  }

  get isLooking(): boolean {
    return this.#tap.isLooking
  }

  push(chunk: Buffer): null {
    this.#size += chunk.length
    this.#tap.push(this.#decoder.write(chunk))
    this.#look()
    if (this.failure === null && this.#size > assemblyLimit) this.failure = tooLong(this.#head)
    return null
  }

  end(): Ending {
    this.#tap.push(this.#decoder.end())
    this.#tap.end('')
    this.#look()
    if (this.failure !== null) return this.failure
    if (!this.#tap.isComplete) return halfAnswer
    const body = bytesOf(this.#assembly)
    if (body === null) return unreadableAnswer
    const { status } = this.#head
    this.headers = jsonHeaders(this.#head.headers, body.length)
    const isEmpty = !this.#tap.hasOutput && !this.#tap.isExplained
    return isEmpty ? emptyAnswer({ status, headers: this.headers, body }) : wholeAnswer(this.#head, body)
  }

  lookAgain(): void {
    this.#tap.lookAgain()
  }

  usage(): Usage | null {
    return this.#tap.usage()
  }

  #look(): void {
    const { error, hasOutput } = this.#tap
    if (this.failure !== null) return
    if (this.#tap.hasGap) this.failure = unreadableAnswer
    if (error === null) return
    const classified = this.#head.classifyFailure(error)
    const outcome = hasOutput ? { ...classified, maybeRan: true } : classified
    this.failure = { outcome, lastBytes: null, reply: replyToHiddenError(outcome, error, this.#head.headers) }
  }
}

/** The reply as JSON; null for one that cannot be written down, such as one that is nested too deep. */
function bytesOf(assembly: ChatAssembly | MessageAssembly): Buffer | null {
  try {
    return Buffer.from(JSON.stringify(assembly.reply()))
  } catch {
    return null
  }
}
