import type { Resource } from '../provider/resource.js'
import { mayUseResources, type ResourceUse, resourceUseOf } from '../provider/resource-use.js'
import { resourcesIn } from '../provider/resources-in.js'
import type { Sink } from '../relay/client/sink.js'
import type { RelayReport } from '../relay/report.js'
import type { Call } from '../relay/request/call.js'
import type { Runtime } from '../runtime/runtime.js'
import { AnswerTap } from './answer-tap.js'
import { type FanOutParts, FanOutRequest, type RelayOptions } from './fan-out-request.js'
import { type GatheredLists, gatherLists } from './gather-lists.js'
import { idOf, readPage } from './list-page.js'
import { listQuery } from './list-query.js'
import { mergeLists } from './merge-lists.js'
import type { Owners } from './owners.js'
import { search } from './search.js'

/** What the relay works with. It knows neither the pool nor its keys. */
export interface OwnedRelayParts {
  /** The engine. Never rejects; calls `sink.attach` before anything else. */
  readonly relay: (call: Call, sink: Sink, options: RelayOptions) => Promise<RelayReport>
  /** The accounts with a key that is enabled and not refused, in a stable order. */
  readonly accounts: () => readonly string[]
  /** The present account of a key. */
  readonly accountOf: (keyId: string) => string | undefined
  /** Whether the pool has a key of this account, in whatever state. */
  readonly hasAccount: (account: string) => boolean
  readonly owners: Owners
  readonly runtime: Runtime
  /** Receives the reports of requests for which several accounts were asked, in place of those of their parts. */
  readonly onReport: (report: RelayReport) => void
}

/** The most accounts that are asked for one request. */
const accountLimit = 1_000

const anyAccount: RelayOptions = { account: null, isPart: false, isFree: false }

/** Uses that are free, so that an account without money can serve them: its videos, say, are paid for already. */
const freeEffects: ReadonlySet<ResourceUse['effect']> = new Set(['changes', 'ends', 'reads', 'lists'])

/**
 * Relays calls about files, batches, videos and voices to the account that created them, for only that account knows
 * them. Learns the owners from answers, asks several accounts where the owner is unknown, and merges their lists.
 */
export class OwnedRelay {
  readonly #parts: OwnedRelayParts
  readonly #fanOutParts: FanOutParts

  constructor(parts: OwnedRelayParts) {
    this.#parts = parts
    const { relay, runtime, onReport } = parts
    this.#fanOutParts = { relay, monotonic: runtime.monotonic, onReport }
  }

  /** Whether a call may use resources. Cheap, because it is asked about every call of the pool. */
  handles(call: Call): boolean {
    return mayUseResources(call.path)
  }

  /** Relays a call. Like the engine's own relay, it never rejects, and reports what the client got. */
  relay(call: Call, sink: Sink): Promise<RelayReport> {
    const { body } = call
    const bytes = body !== null && 'bytes' in body ? body.bytes : null
    const use = resourceUseOf(call.method, call.path, bytes)
    if (use === null) return this.#parts.relay(call, sink, anyAccount)
    return use.effect === 'lists' ? this.#list(call, sink, use) : this.#relay(call, sink, use)
  }

  async #relay(call: Call, sink: Sink, use: ResourceUse): Promise<RelayReport> {
    const account = await this.#ownerOf(use.refers)
    if (account === null && use.effect === 'reads') {
      const accounts = this.#accounts()
      if (accounts.length > 1) return this.#search(call, sink, { use, accounts })
    }
    return this.#relayTo(account, call, sink, use)
  }

  /** The owner to ask; null when it is unknown, or all its keys have been removed. */
  async #ownerOf(refers: readonly Resource[]): Promise<string | null> {
    const { owners, accountOf, hasAccount } = this.#parts
    if (refers.length === 0) return null
    const owner = await owners.ownerOf(refers.map(({ id }) => id))
    if (owner === null || hasAccount(owner)) return owner
    // An account without a name has the id of its key, which may have been moved to a named account since.
    return accountOf(owner) ?? null
  }

  async #relayTo(account: string | null, call: Call, sink: Sink, use: ResourceUse): Promise<RelayReport> {
    const tap = new AnswerTap(sink)
    const isFree = freeEffects.has(use.effect)
    const report = await this.#parts.relay(call, tap, { account, isPart: false, isFree })
    const { outcome, status, attempts } = report
    const server = account ?? this.#parts.accountOf(attempts.at(-1)?.key ?? '')
    if (outcome === 'success' && status < 300 && server !== undefined)
      this.#recordOwner(use, tap.value(), server)
    tap.release()
    return report
  }

  async #search(
    call: Call,
    sink: Sink,
    { use, accounts }: { use: ResourceUse; accounts: readonly string[] },
  ): Promise<RelayReport> {
    const tap = new AnswerTap(sink)
    const { report, account } = await search(new FanOutRequest(call, tap, this.#fanOutParts), accounts)
    if (account !== null) this.#recordOwner(use, tap.value(), account)
    tap.release()
    return report
  }

  /** Records the owner of the resources that a call and its successful answer name. */
  #recordOwner(use: ResourceUse, answer: unknown, account: string): void {
    const { owners } = this.#parts
    if (use.effect === 'ends') owners.forget(use.refers.map(({ id }) => id))
    else owners.remember([...use.refers, ...resourcesNamed(answer, use)], account)
  }

  async #list(call: Call, sink: Sink, use: ResourceUse): Promise<RelayReport> {
    const all = this.#parts.accounts()
    if (all.length < 2) return this.#relayTo(null, call, sink, use)
    const accounts = all.slice(0, accountLimit)
    const request = new FanOutRequest(call, sink, this.#fanOutParts)
    const gathered = await gatherLists(request, accounts, this.#parts.runtime)
    if (request.isAborted) return request.report('aborted', 499)
    const { lists, template, failures } = gathered
    const [failure] = failures.toSorted(
      (one, other) => Number(one.reply === null) - Number(other.reply === null),
    )
    if (template === null && failure !== undefined) return request.answerWith(failure)
    this.#recordListOwners(gathered, use)
    const { entries, hasMore } = mergeLists(lists, listQuery(call.path))
    const body = Buffer.from(JSON.stringify(template?.write(entries, hasMore)))
    const missing = all.length - lists.length
    return request.answerWithList(body, missing === 0 ? [] : ['x-sfpool-incomplete', String(missing)])
  }

  #recordListOwners({ lists }: GatheredLists, { answersWith }: ResourceUse): void {
    if (answersWith === null) return
    const seen = new Set<string | null>()
    for (const { account, entries } of lists) {
      // Accounts that are the same at the upstream list the same resources: the first of them counts as the owner.
      const fresh = entries.filter((entry) => !seen.has(idOf(entry)))
      for (const entry of fresh) seen.add(idOf(entry))
      this.#parts.owners.remember(
        fresh.flatMap((entry) => resourcesIn(answersWith, entry)),
        account,
      )
    }
  }

  #accounts(): readonly string[] {
    return this.#parts.accounts().slice(0, accountLimit)
  }
}

/** The resources that an answer names: a single one, or the entries of a list. */
function resourcesNamed(answer: unknown, { answersWith, effect }: ResourceUse): Resource[] {
  if (answersWith === null) return []
  if (effect !== 'lists') return resourcesIn(answersWith, answer)
  return readPage(answer)?.entries.flatMap((entry) => resourcesIn(answersWith, entry)) ?? []
}
