import type { KeyPoolError } from '../../errors.js'
import type { Key } from '../../key/key.js'
import type { Lease } from '../../lease/lease.js'
import type { Outcome, OutcomeKind } from '../../outcome/outcome.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { Usage } from '../../usage/usage.js'
import type { AttemptReport, RelayReport } from '../report.js'
import type { Call } from '../request/call.js'
import { inAscii, traceHeader } from '../trace.js'

/** What is told of one request: to the client in headers, to the pool in a report. */
export class RequestRecord {
  readonly startedAt: number
  /** The call as it is made now: another model may stand in. */
  call: Call
  /** Attempts that have begun. */
  begun = 0
  /** Milliseconds spent waiting for a key. */
  waitedMs = 0
  readonly #attempts: AttemptReport[] = []
  readonly #keyOf: (lease: Lease) => Key
  readonly #now: () => number

  constructor(call: Call, { keyOf, runtime }: { keyOf: (lease: Lease) => Key; runtime: Runtime }) {
    this.call = call
    this.#keyOf = keyOf
    this.#now = runtime.now
    this.startedAt = runtime.now()
  }

  /** An attempt has ended. */
  add(lease: Lease, { kind, status = null }: { kind: Outcome['kind']; status?: number | null }): void {
    const key = this.#keyOf(lease).id
    const durationMs = this.#since(lease.startedAt)
    const { model, askedModel } = this.call
    // Every request comes by here, and spreading objects would cost it more than choosing its key.
    if (model === askedModel) this.#attempts.push({ key, outcome: kind, status, durationMs })
    else this.#attempts.push({ key, outcome: kind, status, durationMs, model })
  }

  /** Headers of ours for the client; `running` are the attempts under way as its answer begins. */
  headers(running: readonly Lease[] = []): string[] {
    const { requestId, isTraced, model, askedModel } = this.call
    const headers = ['x-sfpool-attempts', String(this.begun)]
    if (requestId !== null) headers.push('x-request-id', requestId)
    if (running.length > 0 && model !== askedModel) headers.push('x-sfpool-model', inAscii(model))
    if (isTraced) headers.push('x-sfpool-trace', this.#trace(running))
    return headers
  }

  report(end: {
    status: number
    error: KeyPoolError | null
    outcome: OutcomeKind
    usage: Usage | null
    bytes: number
  }): RelayReport {
    const { requestId, model, askedModel } = this.call
    const durationMs = this.#since(this.startedAt)
    const { status, outcome, usage, bytes, error } = end
    return {
      requestId,
      status,
      model,
      askedModel,
      outcome,
      attempts: this.#attempts,
      usage,
      bytes,
      durationMs,
      waitedMs: this.waitedMs,
      error,
    }
  }

  /** The clock may have been set back. */
  #since(startedAt: number): number {
    return Math.max(this.#now() - startedAt, 0)
  }

  #trace(running: readonly Lease[]): string {
    const { model, askedModel, body } = this.call
    const open = running.map((lease) => ({
      key: this.#keyOf(lease).id,
      outcome: null,
      status: null,
      durationMs: this.#since(lease.startedAt),
      ...(model === askedModel ? {} : { model }),
    }))
    return traceHeader({
      model: askedModel,
      waitedMs: this.waitedMs,
      isRepeatable: body === null || 'bytes' in body,
      attempts: [...this.#attempts, ...open],
    })
  }
}
