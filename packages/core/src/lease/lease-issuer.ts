import type { PoolEmitter } from '../events.js'
import type { Key } from '../key/key.js'
import { withoutSecret } from '../key/redact.js'
import type { AttemptFigures, Keyring } from '../keyring/keyring.js'
import type { Outcome } from '../outcome/outcome.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Grant } from '../selection/grant.js'
import type { KeyRequest } from '../selection/key-request.js'
import { closedRefusal, type Refusal, refusalError } from '../selection/refusal.js'
import type { Usage } from '../usage/usage.js'
import { Lease, type LeaseOwner } from './lease.js'
import { LeaseExpiry } from './lease-expiry.js'
import type { LeasePolicy } from './lease-options.js'
import { checkLeaseRequest, keyRequestOf, type LeaseRequest } from './lease-request.js'
import type { WaitOptions } from './wait-options.js'
import { WaitQueue } from './wait-queue.js'

export interface LeaseIssuerParts {
  readonly keyring: Keyring
  readonly runtime: Runtime
  readonly events: PoolEmitter
  readonly policy: LeasePolicy
  readonly leases: Omit<LeaseOwner, 'settle'>
  /** Told of every attempt that ended, when keys and accounts are judged already. */
  readonly onSettled?: (grant: Grant, outcome: Outcome, usage: Usage | null) => void
}

/** Hands out leases and takes them back: at once where a key is free, from the queue where waiting makes sense. */
export class LeaseIssuer {
  readonly #parts: LeaseIssuerParts
  readonly #room: WaitQueue<KeyRequest, Lease, Refusal>
  readonly #expiry: LeaseExpiry
  readonly #owner: LeaseOwner
  /** Why nobody is served at all. */
  #refusal: Refusal | null = null

  constructor(parts: LeaseIssuerParts) {
    this.#parts = parts
    const { runtime, policy, keyring, events } = parts
    this.#owner = {
      ...parts.leases,
      settle: (grant, outcome, figures) => this.#settle(grant, outcome, figures),
    }
    this.#room = new WaitQueue<KeyRequest, Lease, Refusal>({
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
    return this.#room.size
  }

  /** A lease, or why there is none; by a promise only when the request waits. */
  acquire(
    keyRequest: KeyRequest,
    waitOptions: WaitOptions | null,
  ): Lease | Refusal | Promise<Lease | Refusal> {
    if (this.#refusal !== null) return this.#refusal
    if (waitOptions === null) return this.#take(keyRequest)
    const isBehindOthers =
      waitOptions.isNewArrival && this.#room.hasWaiting(keyRequest.model, keyRequest.account)
    const taken = isBehindOthers ? undefined : this.#take(keyRequest)
    if (taken !== undefined && !('freeAt' in taken)) return taken
    // What it tried in vain is out of the way by now, or will be ready when its turn comes.
    keyRequest.tried = null
    return this.#room.enqueue(keyRequest, {
      deadlineAt: waitOptions.deadlineAt,
      refusal: taken,
      onAbort: (leave) => waitOptions.onAbort(leave),
    })
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
    if (this.#refusal !== null || this.#room.hasWaiting(keyRequest.model))
      return this.#lendLater(keyRequest, request)
    const taken = this.#take(keyRequest)
    if ('freeAt' in taken) return this.#lendLater(keyRequest, request, taken)
    this.#expiry.lend(Lease.turnOf(taken))
    return Promise.resolve(taken)
  }

  async #lendLater(
    keyRequest: KeyRequest,
    { signal, maxWaitMs }: LeaseRequest,
    refusal: Refusal | undefined = this.#refusal ?? undefined,
  ): Promise<Lease> {
    const { runtime, policy } = this.#parts
    let leave = (): void => {}
    const onAbort = (): void => leave()
    signal?.addEventListener('abort', onAbort, { once: true })
    const taken = await this.#room.enqueue(keyRequest, {
      deadlineAt: runtime.now() + (maxWaitMs ?? policy.queue.maxWaitMs),
      refusal,
      onAbort: (given) => {
        leave = given
      },
    })
    signal?.removeEventListener('abort', onAbort)
    if ('freeAt' in taken) {
      signal?.throwIfAborted()
      throw refusalError(taken, runtime.now())
    }
    if (signal?.aborted === true) taken[Symbol.dispose]()
    signal?.throwIfAborted()
    this.#expiry.lend(Lease.turnOf(taken))
    return taken
  }

  /** A place became free, or may have: for a model, or for any. */
  wake(model: string | null): void {
    if (this.#room.size > 0) this.#room.wake(model ?? undefined)
  }

  /** Serves nobody from now on. */
  refuse(refusal: Refusal): void {
    this.#refusal ??= refusal
    this.#room.close(refusal)
  }

  close(): void {
    this.refuse(closedRefusal)
    this.#expiry.close()
  }

  /** The call under it has its first output. */
  answered(lease: Lease): void {
    this.#parts.keyring.answered(Lease.turnOf(lease))
  }

  keyOf(lease: Lease): Key {
    return Lease.turnOf(lease).key
  }

  #take(keyRequest: KeyRequest): Lease | Refusal {
    const taken = this.#parts.keyring.take(keyRequest)
    return 'freeAt' in taken ? taken : new Lease(this.#owner, taken)
  }

  #settle(grant: Grant, given: Outcome, figures: AttemptFigures): void {
    const { keyring, events, runtime, onSettled } = this.#parts
    const { key, model, startedAt } = grant
    const outcome = given.message === undefined ? given : withoutSecret(given, key.secret)
    this.#expiry.returned(grant)
    keyring.settle(grant, outcome, figures)
    onSettled?.(grant, outcome, figures.usage)
    if (!events.has('attempt-end')) return
    events.emit('attempt-end', { key: key.id, model, outcome, durationMs: runtime.now() - startedAt })
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
