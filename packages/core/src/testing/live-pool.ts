import { MinHeap } from '../collections/min-heap.js'
import { RecentUse, unitColumn } from '../limit/recent-use.js'
import type { OutcomeKind } from '../outcome/outcome.js'
import type { Candidate, PickRequest, Strategy } from '../strategy/strategy.js'
import { acceptAll, candidate, type LiveCandidate, plain } from '../strategy/testing/candidate.js'

/** A key whose figures follow from what it serves. */
export interface LiveKey extends LiveCandidate {
  /** Counts a request of so many tokens, as one that came by another way would. */
  begin(now: number, tokens?: number): void
}

export function liveKeys(count: number, changes: Partial<Candidate> = {}): LiveKey[] {
  const recent = new RecentUse()
  return Array.from({ length: count }, (_, order) => {
    const row = recent.open()
    const figures = candidate(`key-${order}`, {
      order,
      rpm: (now) => recent.perMinute(row, unitColumn.requests, now),
      tpm: (now) => recent.perMinute(row, unitColumn.tokens, now),
      ...changes,
    })
    const key: LiveKey = Object.assign(figures, {
      begin(now: number, tokens = 1) {
        key.requests++
        recent.add(row, unitColumn.requests, 1, now)
        recent.add(row, unitColumn.tokens, tokens, now)
      },
    })
    return key
  })
}

export interface LivePoolOptions {
  /** How long an attempt on that key lasts. @default at once */
  readonly lastsMs?: (key: LiveKey) => number
  readonly tokens?: (key: LiveKey) => number
  readonly outcome?: (key: LiveKey, now: number) => { kind: OutcomeKind; firstOutputMs: number | null }
}

interface Attempt {
  readonly key: LiveKey
  readonly request: PickRequest
  readonly endsAt: number
}

/** A strategy in use, under a clock that the test moves: picks become attempts, which run for a while and end. */
export class LivePool {
  now = 60_000_000
  readonly #strategy: Strategy
  readonly #options: LivePoolOptions
  readonly #running = new MinHeap<Attempt>((one, other) => one.endsAt < other.endsAt)
  runningCount = 0

  constructor(strategy: Strategy, options: LivePoolOptions = {}) {
    this.#strategy = strategy
    this.#options = options
  }

  /** Moves time on, and ends the attempts that are over by then. */
  advance(ms: number): void {
    this.now += ms
    for (let next = this.#running.peek(); next !== undefined; next = this.#running.peek()) {
      if (next.endsAt > this.now) return
      this.#running.pop()
      this.#end(next.key, next.request, next.endsAt)
    }
  }

  serve(
    given: Partial<PickRequest> = {},
    accepts: (candidate: Candidate) => boolean = acceptAll,
  ): LiveKey | undefined {
    const request = { ...plain, ...given, now: this.now }
    const key = this.#strategy.pick(accepts, request) as LiveKey | undefined
    if (key === undefined) return undefined
    key.begin(this.now, this.#options.tokens?.(key))
    key.inFlight++
    this.runningCount++
    const lastsMs = this.#options.lastsMs?.(key) ?? 0
    if (lastsMs === 0) this.#end(key, request, this.now)
    else this.#running.push({ key, request, endsAt: this.now + lastsMs })
    return key
  }

  #end(key: LiveKey, { model, session }: PickRequest, now: number): void {
    key.inFlight--
    this.runningCount--
    const ended = this.#options.outcome?.(key, now) ?? { kind: 'success', firstOutputMs: null }
    if (ended.kind === 'success') key.successes++
    else key.failures++
    this.#strategy.ended?.(key, { model, session, now, ...ended })
  }
}
