import type { Resource } from '../provider/resource.js'
import { mayUseResources, type ResourceUse, resourceUseOf } from '../provider/resource-use.js'
import { resourcesIn } from '../provider/resources-in.js'
import type { Sink } from '../relay/client/sink.js'
import type { RelayReport } from '../relay/report.js'
import type { Call } from '../relay/request/call.js'
import type { Runtime } from '../runtime/runtime.js'
import { AnswerTap } from './answer-tap.js'
import { type FanOutParts, FanOutRequest, type RelayOptions } from './fan-out-request.js'
import { type Gathered, gather } from './gather.js'
import { idOf, listQuery, mergeLists, readPage } from './merged-list.js'
import type { Owners } from './owners.js'
import { search } from './search.js'

/** What the relay is handed: it knows neither the pool nor the keys. */
export interface OwnedRelayParts {
  /** The engine. Never rejects; calls `sink.attach` before anything else. */
  readonly relay: (call: Call, sink: Sink, options: RelayOptions) => Promise<RelayReport>
  /** The accounts with a key that is enabled and not refused, in a lasting order. */
  readonly accounts: () => readonly string[]
  /** The account that a key is with now. */
  readonly accountOf: (keyId: string) => string | undefined
  /** Whether any key of the pool is with this account, in whatever state. */
  readonly hasAccount: (account: string) => boolean
  readonly owners: Owners
  readonly runtime: Runtime
  /** Told of requests that were answered by asking several accounts; of their parts the engine need not tell. */
  readonly onReport: (report: RelayReport) => void
}

/** Accounts asked for one request at most. */
const accountLimit = 1_000

const anyAccount: RelayOptions = { account: null, isPart: false, isFree: false }

/** What costs nothing can be asked of an account without money: its videos have been paid for. */
const freeEffects: ReadonlySet<ResourceUse['effect']> = new Set(['changes', 'ends', 'reads', 'lists'])

/**
 * What an account created, that account is asked for: files, batches, videos and voices are unknown to all others.
 * Learns from the answers who owns what, asks around where nobody knows, and merges the lists of all accounts.
 */
export class OwnedRelay {
  readonly #parts: OwnedRelayParts
  readonly #jointParts: FanOutParts

  constructor(parts: OwnedRelayParts) {
    this.#parts = parts
    this.#jointParts = { relay: parts.relay, now: parts.runtime.now, onReport: parts.onReport }
  }

  /** Whether a call may have to do with resources. Nearly free: every request of the pool is asked about. */
  handles(call: Call): boolean {
    return mayUseResources(call.path)
  }

  /** As the engine's own: never rejects, and the report tells what the client got. */
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

  /** The account to ask; null when nobody knows, or its keys have all been removed. */
  async #ownerOf(refers: readonly Resource[]): Promise<string | null> {
    const { owners, accountOf, hasAccount } = this.#parts
    if (refers.length === 0) return null
    const owner = await owners.ownerOf(refers.map(({ id }) => id))
    if (owner === null || hasAccount(owner)) return owner
    // An account without a name bore the id of its key, which may have been given a named one since.
    return accountOf(owner) ?? null
  }

  async #relayTo(account: string | null, call: Call, sink: Sink, use: ResourceUse): Promise<RelayReport> {
    const watch = new AnswerTap(sink)
    const isFree = freeEffects.has(use.effect)
    const report = await this.#parts.relay(call, watch, { account, isPart: false, isFree })
    const { outcome, status, attempts } = report
    const server = account ?? this.#parts.accountOf(attempts.at(-1)?.key ?? '')
    if (outcome === 'success' && status < 300 && server !== undefined) this.#learn(use, watch.value(), server)
    watch.release()
    return report
  }

  async #search(
    call: Call,
    sink: Sink,
    { use, accounts }: { use: ResourceUse; accounts: readonly string[] },
  ): Promise<RelayReport> {
    const watch = new AnswerTap(sink)
    const { report, account } = await search(new FanOutRequest(call, watch, this.#jointParts), accounts)
    if (account !== null) this.#learn(use, watch.value(), account)
    watch.release()
    return report
  }

  /** A good answer about something says whose it is. */
  #learn(use: ResourceUse, answer: unknown, account: string): void {
    const { owners } = this.#parts
    if (use.effect === 'ends') owners.forget(use.refers.map(({ id }) => id))
    else owners.remember([...use.refers, ...toldBy(answer, use)], account)
  }

  async #list(call: Call, sink: Sink, use: ResourceUse): Promise<RelayReport> {
    const all = this.#parts.accounts()
    if (all.length < 2) return this.#relayTo(null, call, sink, use)
    const accounts = all.slice(0, accountLimit)
    const request = new FanOutRequest(call, sink, this.#jointParts)
    const gathered = await gather(request, accounts, this.#parts.runtime)
    if (request.isAborted) return request.report('aborted', 499)
    const { lists, template, failures } = gathered
    const [failure] = failures.toSorted(
      (one, other) => Number(one.reply === null) - Number(other.reply === null),
    )
    if (template === null && failure !== undefined) return request.answerWith(failure)
    this.#learnLists(gathered, use)
    const { entries, hasMore } = mergeLists(lists, listQuery(call.path))
    const body = Buffer.from(JSON.stringify(template?.write(entries, hasMore)))
    const missing = all.length - lists.length
    return request.answerJointly(body, missing === 0 ? [] : ['x-sfpool-incomplete', String(missing)])
  }

  #learnLists({ lists }: Gathered, { answersWith }: ResourceUse): void {
    if (answersWith === null) return
    const seen = new Set<string | null>()
    for (const { account, entries } of lists) {
      // Accounts that are one at the upstream list the same things: the first of them is the owner.
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

/** What an answer tells of: one thing, or the entries of a list. */
function toldBy(answer: unknown, { answersWith, effect }: ResourceUse): Resource[] {
  if (answersWith === null) return []
  if (effect !== 'lists') return resourcesIn(answersWith, answer)
  return readPage(answer)?.entries.flatMap((entry) => resourcesIn(answersWith, entry)) ?? []
}
