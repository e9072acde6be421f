import type { ServerResponse } from 'node:http'
import type { FaultPlan } from '../faults/fault-plan.js'
import type { RecordedRequest } from '../record/recorded-request.js'
import type { Piece, Reply, StreamReply, WholeReply } from '../reply/reply.js'
import type { Runtime } from '../runtime.js'
import type { ContentEncoding } from '../scenario/settings.js'
import { compressWhole } from './compress-whole.js'
import { beforeHeaders, type Interruption, planInterruptions } from './interruptions.js'
import { createOutlet, type Outlet } from './outlet.js'

/** How one answer travels. */
export interface Shipment {
  response: ServerResponse
  record: RecordedRequest
  runtime: Runtime
  plan: FaultPlan
  headers: Record<string, string>
  encoding: ContentEncoding | undefined
}

/** Sends an answer with all that shall happen to it on the way. Never throws; what became of it is in the record. */
export async function deliver(shipment: Shipment, reply: Reply): Promise<void> {
  if (reply.kind === 'stream') return new Delivery(shipment, true).stream(reply)
  const { plan, runtime, encoding } = shipment
  const whole = encoding === undefined ? reply : compressWhole(reply, encoding)
  const isPlain = plan.outcome === undefined && plan.manners.length === 0 && !reply.firstByteMs
  if (!isPlain) return new Delivery(shipment, false).whole(whole)
  const { response, record } = shipment
  response.writeHead(whole.status, wholeHeaders(shipment, whole))
  record.status = whole.status
  record.responseBytes = Buffer.byteLength(whole.body)
  record.finishedAt = runtime.now()
  response.end(whole.body)
}

function wholeHeaders(
  { headers }: Shipment,
  { contentType, body, headers: own }: WholeReply,
): Record<string, string> {
  return {
    'content-type': contentType,
    ...headers,
    ...own,
    'content-length': String(Buffer.byteLength(body)),
  }
}

type Verdict = 'go-on' | 'stop'

/** Sends one answer piece by piece. */
class Delivery {
  readonly #shipment: Shipment
  readonly #interruptions: Interruption[]
  #sent = 0
  #tokens = 0
  #isClosed = false
  #wake: () => void = () => {}

  constructor(shipment: Shipment, isStream: boolean) {
    this.#shipment = shipment
    this.#interruptions = planInterruptions(shipment.plan, isStream)
    this.#isClosed = shipment.response.destroyed
    shipment.response.once('close', () => {
      this.#isClosed = true
      this.#wake()
    })
  }

  async whole(reply: WholeReply): Promise<void> {
    const bytes = Buffer.from(reply.body)
    const middle = Math.ceil(bytes.length / 2)
    const headers = wholeHeaders(this.#shipment, reply)
    const cutsBody = this.#cutKind() !== undefined || this.#shipment.plan.outcome?.kind === 'truncate'
    if (cutsBody) delete headers['content-length']
    if ((await this.#begin(reply.status, headers, reply.firstByteMs ?? 0)) === 'stop') return
    // The answer is compressed already.
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
    const { headers, encoding } = this.#shipment
    const allHeaders: Record<string, string> = {
      'content-type': reply.contentType,
      ...headers,
      ...reply.headers,
    }
    if (encoding !== undefined) allHeaders['content-encoding'] = encoding
    if ((await this.#begin(200, allHeaders, reply.firstByteMs)) === 'stop') return
    const outlet = this.#outlet(encoding)
    const isTruncated = this.#shipment.plan.outcome?.kind === 'truncate'
    for (;;) {
      if (this.#due() !== undefined && (await this.#interrupt(outlet, reply)) === 'stop') return
      if (reply.eventMs > 0 && this.#sent > 0) await this.#wait(reply.eventMs)
      if (this.#isClosed) return
      const next = reply.pieces.next()
      if (next.done === true || (isTruncated && next.value.isTerminator === true)) return this.#finish(outlet)
      const keepsUp = this.#send(outlet, next.value)
      if (!keepsUp) await outlet.drained()
    }
  }

  #send(outlet: Outlet, { data, tokens }: Piece): boolean {
    this.#tokens = tokens
    this.#sent += 1
    this.#shipment.record.eventCount = this.#sent
    return outlet.write(data)
  }

  async #begin(status: number, headers: Record<string, string>, firstByteMs: number): Promise<Verdict> {
    const { response, record } = this.#shipment
    if (firstByteMs > 0) await this.#wait(firstByteMs)
    this.#sent = beforeHeaders
    if ((await this.#interrupt(undefined)) === 'stop') return 'stop'
    this.#sent = 0
    if (this.#isClosed) return 'stop'
    response.writeHead(status, headers)
    response.flushHeaders()
    record.status = status
    return 'go-on'
  }

  #due(): Interruption | undefined {
    const [next] = this.#interruptions
    return next !== undefined && next.after <= this.#sent ? next : undefined
  }

  /** Carries out whatever is due at this point. */
  async #interrupt(outlet: Outlet | undefined, reply?: StreamReply): Promise<Verdict> {
    for (let due = this.#due(); due !== undefined; due = this.#due()) {
      this.#interruptions.shift()
      if (this.#isClosed) return 'stop'
      if (due.act === 'wait') {
        await this.#wait(due.ms)
        continue
      }
      if (due.act === 'error-event') {
        const { body, shape, ending } = due
        outlet?.write(reply?.errorPiece?.(body, shape) ?? '')
        if (ending === 'done' && reply?.terminator !== undefined) outlet?.write(reply.terminator)
        await this.#stop(ending === 'close' ? 'close' : 'finish', outlet)
      } else await this.#stop(due.act, outlet)
      return 'stop'
    }
    return this.#isClosed ? 'stop' : 'go-on'
  }

  async #stop(act: 'reset' | 'close' | 'hang' | 'finish', outlet: Outlet | undefined): Promise<void> {
    const { response, record, runtime } = this.#shipment
    if (act === 'finish') {
      if (outlet !== undefined) this.#finish(outlet)
      return
    }
    await outlet?.flushed()
    // A hanging request ends when the client leaves, and only then.
    if (act === 'hang' || this.#isClosed) return
    record.finishedAt = runtime.now()
    if (act === 'reset') response.socket?.resetAndDestroy()
    else response.socket?.destroySoon()
  }

  #finish(outlet: Outlet): void {
    this.#shipment.record.finishedAt = this.#shipment.runtime.now()
    outlet.end()
  }

  #outlet(encoding: ContentEncoding | undefined): Outlet {
    const { response, record, runtime } = this.#shipment
    return createOutlet({ response, record, encoding, cut: this.#cutKind(), random: runtime.random })
  }

  #cutKind(): 'utf8' | 'bytes' | 'random' | undefined {
    for (const manner of this.#shipment.plan.manners) if (manner.kind === 'chunks') return manner.cut
    return undefined
  }

  /** Waits, or until the client leaves. */
  async #wait(ms: number): Promise<void> {
    if (this.#isClosed) return
    const { timers } = this.#shipment.runtime
    let handle: unknown
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      handle = timers.setTimeout(resolve, ms)
    })
    timers.clearTimeout(handle)
  }
}
