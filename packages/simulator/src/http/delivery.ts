import type { ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { ChunksFault, Within } from '../faults/fault.js'
import { type FaultPlan, noFaults } from '../faults/fault-plan.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import type { Recorder } from '../record/recorder.js'
import { eventStreamType, type Piece, type Reply, type StreamReply, type WholeReply } from '../reply/reply.js'
import type { Runtime } from '../runtime.js'
import type { ContentEncoding, Settings } from '../scenario/settings.js'
import { compressWhole } from './compression.js'
import { beforeHeaders, type Interruption, planInterruptions } from './interruptions.js'
import { createOutlet, type Outlet } from './outlet.js'
import { partOfEvent } from './part-of-event.js'

/** What the delivery of one answer needs. */
export interface DeliveryParts {
  response: ServerResponse
  record: RecordedRequest
  recorder: Recorder
  runtime: Runtime
  settings: Pick<Settings, 'keepAliveMs'>
  plan: FaultPlan
  headers: Record<string, string>
  encoding: ContentEncoding | undefined
}

/** Sends an answer and applies the faults of its plan. The outcome is in the record. */
export async function deliver(parts: DeliveryParts, reply: Reply): Promise<void> {
  const { plan, encoding } = parts
  const isStream = reply.kind === 'stream'
  const interruptions = plan === noFaults ? [] : planInterruptions(plan, isStream)
  if (reply.kind === 'stream') return new Delivery(parts, interruptions).stream(reply)
  const whole = encoding === undefined ? reply : compressWhole(reply, encoding)
  const isPlain = interruptions.length === 0 && cutOf(plan) === undefined && (reply.firstByteMs ?? 0) === 0
  if (!isPlain) return new Delivery(parts, interruptions).whole(whole)
  deliverAtOnce(parts, whole)
}

function deliverAtOnce(parts: DeliveryParts, { status, headers, contentType, body }: WholeReply): void {
  const { response, record, recorder, runtime } = parts
  const length = Buffer.byteLength(body)
  response.writeHead(status, {
    'content-type': contentType,
    ...parts.headers,
    ...headers,
    'content-length': length,
  })
  record.status = status
  recorder.keepResponse(record, body)
  record.finishedAt = runtime.now()
  response.end(body)
}

function cutOf({ modifiers }: FaultPlan): ChunksFault['cut'] | undefined {
  for (const modifier of modifiers) if (modifier.kind === 'chunks') return modifier.cut
  return undefined
}

/**
 * How long a client may read before a reset. Many clients take a reset for an orderly end when it arrives together with
 * the last bytes. This is real time, not the simulator's clock, because the client needs it.
 */
const readingMs = 5

const keepAlive = ': keep-alive\n\n'

type NextStep = 'continue' | 'stop'

/** The delivery of one answer, piece by piece. */
class Delivery {
  readonly #parts: DeliveryParts
  readonly #interruptions: Interruption[]
  /** The number of pieces sent; `beforeHeaders` until the headers are sent. */
  #sent = beforeHeaders
  #tokens = 0
  #isClosed: boolean
  #wake: () => void = () => {}
  #keepAliveTimer: unknown

  constructor(parts: DeliveryParts, interruptions: Interruption[]) {
    this.#parts = parts
    this.#interruptions = interruptions
    this.#isClosed = parts.response.destroyed
    parts.response.once('close', () => {
      this.#isClosed = true
      this.#stopKeepAlive()
      this.#wake()
    })
  }

  /** Sends a whole answer in two pieces, so that it can be interrupted between them. */
  async whole({ status, contentType, headers, body, firstByteMs = 0 }: WholeReply): Promise<void> {
    const { plan } = this.#parts
    const bytes = Buffer.from(body)
    const middle = Math.ceil(bytes.length / 2)
    const isChunked = cutOf(plan) !== undefined || plan.outcome?.kind === 'truncate'
    const length: Record<string, string> = isChunked ? {} : { 'content-length': String(bytes.length) }
    const all = { 'content-type': contentType, ...this.#parts.headers, ...headers, ...length }
    if ((await this.#begin(status, all, firstByteMs)) === 'stop') return
    // The bytes are already compressed.
    const outlet = this.#outlet(undefined)
    if ((await this.#interrupt(outlet)) === 'stop') return
    outlet.write(bytes.subarray(0, middle))
    this.#sent = 1
    if ((await this.#interrupt(outlet)) === 'stop') return
    outlet.write(bytes.subarray(middle))
    this.#finish(outlet)
  }

  async stream(reply: StreamReply): Promise<void> {
    try {
      await this.#stream(reply)
    } finally {
      reply.settle(this.#tokens)
    }
  }

  async #stream(reply: StreamReply): Promise<void> {
    const { headers, encoding, plan } = this.#parts
    const compression: Record<string, string> = encoding === undefined ? {} : { 'content-encoding': encoding }
    const all = { 'content-type': reply.contentType, ...headers, ...reply.headers, ...compression }
    if ((await this.#begin(200, all, reply.firstByteMs)) === 'stop') return
    const outlet = this.#outlet(encoding)
    const isTruncated = plan.outcome?.kind === 'truncate'
    const isEvents = reply.contentType === eventStreamType
    for (;;) {
      if (isEvents) this.#startKeepAlive(outlet)
      if (this.#due() !== undefined && (await this.#interrupt(outlet, reply)) === 'stop') return
      const next = reply.pieces.next()
      if (next.done === true || (isTruncated && next.value.isTerminator === true)) return this.#finish(outlet)
      if (reply.eventMs > 0 && this.#sent > 0) await this.#wait(reply.eventMs)
      if (this.#isClosed) return
      if (!this.#send(outlet, next.value)) await outlet.drained()
    }
  }

  /** Writes keep-alive comments during every silence, until it is called again or stopped. */
  #startKeepAlive(outlet: Outlet): void {
    const { runtime, settings } = this.#parts
    this.#stopKeepAlive()
    if (settings.keepAliveMs === 0 || this.#isClosed) return
    this.#keepAliveTimer = runtime.timers.setTimeout(() => {
      outlet.write(keepAlive)
      void outlet.flushed()
      this.#startKeepAlive(outlet)
    }, settings.keepAliveMs)
  }

  #stopKeepAlive(): void {
    if (this.#keepAliveTimer !== undefined) this.#parts.runtime.timers.clearTimeout(this.#keepAliveTimer)
    this.#keepAliveTimer = undefined
  }

  #send(outlet: Outlet, { data, tokens }: Piece): boolean {
    this.#tokens = tokens
    this.#sent += 1
    this.#parts.record.eventCount = this.#sent
    return outlet.write(data)
  }

  async #begin(status: number, headers: Record<string, string>, firstByteMs: number): Promise<NextStep> {
    const { response, record } = this.#parts
    if (firstByteMs > 0) await this.#wait(firstByteMs)
    if ((await this.#interrupt(undefined)) === 'stop') return 'stop'
    this.#sent = 0
    response.writeHead(status, headers)
    response.flushHeaders()
    record.status = status
    return 'continue'
  }

  #due(): Interruption | undefined {
    const [next] = this.#interruptions
    return next !== undefined && next.after <= this.#sent ? next : undefined
  }

  /** Carries out every interruption that is due at this point. */
  async #interrupt(outlet: Outlet | undefined, reply?: StreamReply): Promise<NextStep> {
    for (let due = this.#due(); due !== undefined && !this.#isClosed; due = this.#due()) {
      this.#interruptions.shift()
      switch (due.kind) {
        case 'wait':
          await this.#wait(due.ms)
          continue
        case 'error-event':
          outlet?.write(reply?.errorPiece?.(due.body, due.shape) ?? '')
          if (due.ending === 'done') outlet?.write(reply?.terminator ?? '')
          await this.#stop(due.ending === 'close' ? 'close' : 'finish', outlet)
          return 'stop'
        default:
          if (due.within !== undefined && outlet !== undefined && reply !== undefined)
            this.#sendPart(outlet, reply, due.within)
          await this.#stop(due.kind, outlet)
          return 'stop'
      }
    }
    return this.#isClosed ? 'stop' : 'continue'
  }

  #sendPart(outlet: Outlet, reply: StreamReply, within: Within): void {
    for (let next = reply.pieces.next(); next.done !== true; next = reply.pieces.next()) {
      const part = partOfEvent(Buffer.from(next.value.data), within)
      if (part !== undefined) return void outlet.write(part)
      this.#send(outlet, next.value)
    }
  }

  async #stop(how: 'reset' | 'close' | 'hang' | 'finish', outlet: Outlet | undefined): Promise<void> {
    const { response, record, runtime } = this.#parts
    if (how === 'finish') {
      if (outlet !== undefined) this.#finish(outlet)
      return
    }
    if (how !== 'hang') this.#stopKeepAlive()
    await outlet?.flushed()
    if (how === 'reset' && outlet !== undefined) await setTimeout(readingMs)
    // A hanging request ends only when the client leaves.
    if (how === 'hang' || this.#isClosed) return
    record.finishedAt = runtime.now()
    if (how === 'reset') response.socket?.resetAndDestroy()
    else response.socket?.destroySoon()
  }

  #finish(outlet: Outlet): void {
    this.#stopKeepAlive()
    this.#parts.record.finishedAt = this.#parts.runtime.now()
    outlet.end()
  }

  #outlet(encoding: ContentEncoding | undefined): Outlet {
    const { response, record, recorder, runtime, plan } = this.#parts
    return createOutlet({ response, record, recorder, encoding, cut: cutOf(plan), random: runtime.random })
  }

  /** Waits for `ms`, or until the client leaves. */
  async #wait(ms: number): Promise<void> {
    if (this.#isClosed) return
    const { timers } = this.#parts.runtime
    let handle: unknown
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      handle = timers.setTimeout(resolve, ms)
    })
    timers.clearTimeout(handle)
  }
}
