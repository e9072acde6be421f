import type { PoolEmitter } from '../events.js'
import { withoutSecret } from '../key/redact.js'
import type { AttemptFigures, Keyring } from '../keyring/keyring.js'
import type { Outcome } from '../outcome/outcome.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'
import type { KeyRequest } from '../selection/key-request.js'
import { closedRefusal, type Refusal, refusalError } from '../selection/refusal.js'
import { Lease, type LeaseOwner } from './lease.js'
import { LeaseExpiry } from './lease-expiry.js'
import type { LeasePolicy } from './lease-options.js'
import { checkLeaseRequest, keyRequestOf, type LeaseRequest } from './lease-request.js'
import type { WaitOptions } from './wait-options.js'
import { WaitQueue } from './wait-queue.js'

/** What the issuer needs of billing. */
export interface AttemptBills {
  settled(grant: Grant, outcome: Outcome, figures: AttemptFigures): void
}

export interface GrantIssuerParts {
  readonly keyring: Keyring
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly policy: LeasePolicy
  readonly leases: Omit<LeaseOwner, 'settle'>
  /** Writes down what each ended attempt used and cost, after the health of its key and account has moved. */
  readonly billing?: AttemptBills
  /** Told when a lease ends: it is a whole request, of which the pool sees nothing else. */
  readonly onLeaseEnd?: ((grant: Grant, outcome: Outcome, figures: AttemptFigures) => void) | undefined
}

/** Hands out leases and takes them back: at once where a key is free, from the queue where waiting makes sense. */
export class GrantIssuer {
  readonly #parts: GrantIssuerParts
  readonly #queue: WaitQueue<KeyRequest, Grant, Refusal>
  readonly #expiry: LeaseExpiry
  readonly #owner: LeaseOwner
  /** Why no request is served at all. */
  #refusal: Refusal | null = null

  constructor(parts: GrantIssuerParts) {
    this.#parts = parts
    const { runtime, policy, keyring, events } = parts
    this.#owner = {
      ...parts.leases,
      settle: (grant, outcome, figures) => {
        this.settle(grant, outcome, figures)
        parts.onLeaseEnd?.(grant, outcome, figures)
      },
    }
    this.#queue = new WaitQueue<KeyRequest, Grant, Refusal>({
      serve: (keyRequest) => this.#take(keyRequest),
      pinnedTo: ({ account }) => account,
      whenFull: (refusal) => fullRefusal(refusal, policy.queue.limit),
      runtime,
      limit: policy.queue.limit,
    })
    this.#expiry = new LeaseExpiry(runtime, policy.leaseTimeoutMs, (grant) => {
      keyring.release(grant)
      events.emit('lease-expired', { key: grant.key.id, model: grant.model })
    })
  }

  /** Requests that wait for a key. */
  get waiting(): number {
    return this.#queue.size
  }

  /** A grant, or why there is none; by a promise only when the request waits. */
  acquire(keyRequest: KeyRequest, wait: WaitOptions | null): Grant | Refusal | Promise<Grant | Refusal> {
    if (this.#refusal !== null) return this.#refusal
    if (wait === null) return this.#take(keyRequest)
    const isBehindOthers = wait.isNewArrival && this.#queue.hasWaiting(keyRequest.model, keyRequest.account)
    const taken = isBehindOthers ? undefined : this.#take(keyRequest)
    if (taken?.kind === 'grant') return taken
    // What it tried in vain is out of the way by now, or will be ready when the request is served.
    keyRequest.tried = null
    return this.#queue.enqueue(keyRequest, {
      deadlineAt: wait.deadlineAt,
      refusal: taken,
      onAbort: (leave) => wait.onAbort(leave),
    })
  }

  /** Ends the attempt under a grant: its places are given back, and the outcome moves the health of its key and account. */
  settle(grant: Grant, given: Outcome, figures: AttemptFigures): void {
    const { keyring, events, runtime, billing } = this.#parts
    const { key, model } = grant
    const outcome = given.kind === 'success' ? given : withoutSecret(given, key.secret)
    this.#expiry.returned(grant)
    keyring.settle(grant, outcome, figures)
    billing?.settled(grant, outcome, figures)
    if (!events.has('attempt-end')) return
    const durationMs = runtime.monotonic() - grant.begunAt
    events.emit('attempt-end', { key: key.id, model, outcome, durationMs })
  }

  /**
   * A lease for a caller with a client of its own, given back by itself when it is not settled in time. Rejects with a
   * `KeyPoolError` (a `ConfigError` for a wrong request), or with the signal's reason when it fires first.
   */
  issue(request: LeaseRequest): Promise<Lease> {
    try {
      checkLeaseRequest(request)
    } catch (error) {
      return Promise.reject(error)
    }
    const keyRequest = keyRequestOf(request)
    if (this.#refusal !== null || this.#queue.hasWaiting(keyRequest.model))
      return this.#issueLater(keyRequest, request)
    const taken = this.#take(keyRequest)
    return taken.kind === 'refusal'
      ? this.#issueLater(keyRequest, request, taken)
      : Promise.resolve(this.#leaseOf(taken))
  }

  async #issueLater(
    keyRequest: KeyRequest,
    { signal, maxWaitMs }: LeaseRequest,
    refusal: Refusal | undefined = this.#refusal ?? undefined,
  ): Promise<Lease> {
    const { runtime, policy } = this.#parts
    let leave = (): void => {}
    const onAbort = (): void => leave()
    signal?.addEventListener('abort', onAbort, { once: true })
    const taken = await this.#queue.enqueue(keyRequest, {
      deadlineAt: runtime.monotonic() + (maxWaitMs ?? policy.queue.maxWaitMs),
      refusal,
      onAbort: (given) => {
        leave = given
      },
    })
    signal?.removeEventListener('abort', onAbort)
    if (taken.kind === 'refusal') {
      signal?.throwIfAborted()
      throw refusalError(taken, runtime.now())
    }
    const lease = this.#leaseOf(taken)
    if (signal?.aborted === true) lease[Symbol.dispose]()
    signal?.throwIfAborted()
    return lease
  }

  /** A place became free, or may have: for a model, or for any. */
  wake(model: string | null): void {
    if (this.#queue.size > 0) this.#queue.wake(model ?? undefined)
  }

  /** Refuses every request from now on. */
  refuse(refusal: Refusal): void {
    this.#refusal ??= refusal
    this.#queue.close(refusal)
  }

  close(): void {
    this.refuse(closedRefusal)
    this.#expiry.close()
  }

  #take(keyRequest: KeyRequest): Grant | Refusal {
    const { keyring, runtime } = this.#parts
    const taken = keyring.take(keyRequest)
    if (taken.kind === 'grant') taken.begunAt = runtime.monotonic()
    return taken
  }

  /** The lease of a caller with a client of its own, who may lose it. */
  #leaseOf(grant: Grant): Lease {
    this.#expiry.watch(grant)
    return new Lease(this.#owner, grant)
  }
}

function fullRefusal(refusal: Refusal, limit: number): Refusal {
  // Without a queue, why there is no key is all there is to say.
  if (limit === 0) return refusal
  return {
    ...refusal,
    code: 'queue_full',
    message: `${limit} requests wait for a key already, which is all that the option queue.limit allows`,
  }
}
