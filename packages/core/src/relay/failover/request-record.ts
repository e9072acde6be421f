import type { KeyPoolError } from '../../errors.js'
import type { Outcome, OutcomeKind } from '../../outcome/outcome.js'
import type { Cost } from '../../price/price-book.js'
import { sumOfCosts } from '../../price/sum-of-costs.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { Grant } from '../../selection/grant.js'
import type { Usage } from '../../usage/usage.js'
import type { AttemptReport, RelayReport } from '../report.js'
import type { Call } from '../request/call.js'
import { inAscii, traceHeader } from '../trace.js'

/** What is reported of one request: to the client in headers, to the pool in a report. */
export class RequestRecord {
  /** On the monotonic clock. */
  readonly startedAt: number
  /** The call as it is made now: another model may stand in. */
  call: Call
  /** Attempts that have begun. */
  begun = 0
  /** Milliseconds spent waiting for a key. */
  waitedMs = 0
  /** From the beginning of the request to the first output for the client; null while there is none. */
  firstOutputMs: number | null = null
  /** The option that allowed no further attempt; null while none did. */
  endedBy: 'retryBudget' | null = null
  readonly #attempts: AttemptReport[] = []
  /** Of all attempts so far. */
  #cost: Cost | null = null
  readonly #runtime: Runtime

  constructor(call: Call, runtime: Runtime) {
    this.call = call
    this.#runtime = runtime
    this.startedAt = runtime.monotonic()
  }

  /** An attempt has ended, and is settled. */
  add(
    { key, account, begunAt, cost }: Grant,
    { kind, status = null }: { kind: Outcome['kind']; status?: number | null },
  ): void {
    if (cost !== null) this.#cost = this.#cost === null ? cost : sumOfCosts(this.#cost, cost)
    const durationMs = this.#since(begunAt)
    const { model, askedModel } = this.call
    // Every request comes by here, and spreading objects would cost it more than choosing its key.
    if (model === askedModel)
      this.#attempts.push({ key: key.id, account: account.id, outcome: kind, status, durationMs })
    else this.#attempts.push({ key: key.id, account: account.id, outcome: kind, status, durationMs, model })
  }

  /** Headers of ours for the client; `running` are the attempts under way as its answer begins. */
  headers(running: readonly Grant[] = []): string[] {
    const { requestId, isTraced, model, askedModel } = this.call
    const headers = ['x-sfpool-attempts', String(this.begun)]
    if (requestId !== null) headers.push('x-request-id', requestId)
    if (running.length > 0 && model !== askedModel) headers.push('x-sfpool-model', inAscii(model))
    if (isTraced) headers.push('x-sfpool-trace', this.#trace(running))
    return headers
  }

  /** The attempt under a grant served the client; its first output came so long after its own beginning. */
  served({ begunAt }: Grant, firstOutputMs: number | null): void {
    if (firstOutputMs !== null) this.firstOutputMs = begunAt + firstOutputMs - this.startedAt
  }

  report(end: {
    status: number
    error: KeyPoolError | null
    outcome: OutcomeKind
    usage: Usage | null
    bytes: number
  }): RelayReport {
    const { requestId, model, askedModel, client } = this.call
    const durationMs = this.#since(this.startedAt)
    const { status, outcome, usage, bytes, error } = end
    return {
      requestId,
      status,
      model,
      askedModel,
      client,
      outcome,
      attempts: this.#attempts,
      usage,
      cost: this.#cost !== null && 'amount' in this.#cost ? this.#cost : null,
      bytes,
      durationMs,
      firstOutputMs: this.firstOutputMs,
      waitedMs: this.waitedMs,
      error,
    }
  }

  #since(startedAt: number): number {
    return this.#runtime.monotonic() - startedAt
  }

  #trace(running: readonly Grant[]): string {
    const { model, askedModel, body } = this.call
    const open = running.map(({ key, account, begunAt }) => ({
      key: key.id,
      account: account.id,
      outcome: null,
      status: null,
      durationMs: this.#since(begunAt),
      ...(model === askedModel ? {} : { model }),
    }))
    return traceHeader({
      model: askedModel,
      waitedMs: this.waitedMs,
      isRepeatable: body === null || 'bytes' in body,
      endedBy: this.endedBy,
      attempts: [...this.#attempts, ...open],
    })
  }
}
