import type { Candidate, PickRequest, Strategy } from '../strategy.js'

/** A candidate with figures that a test sets. */
export type LiveCandidate = { -readonly [Name in keyof Candidate]: Candidate[Name] }

/** Creates a candidate; the id decides its place, so `a` comes before `b`. */
export function candidate(id: string, changes: Partial<Candidate> = {}): LiveCandidate {
  return {
    id,
    label: null,
    weight: 1,
    order: id.codePointAt(0) ?? 0,
    inFlight: 0,
    requests: 0,
    successes: 0,
    failures: 0,
    balance: null,
    rpm: () => 0,
    tpm: () => 0,
    ...changes,
  }
}

/** Creates `count` candidates in the order of their numbers. */
export function candidates(count: number, changes: Partial<Candidate> = {}): LiveCandidate[] {
  return Array.from({ length: count }, (_, order) => candidate(`key-${order}`, { order, ...changes }))
}

export const acceptAll = (): boolean => true

/** A request without model and session. */
export const plain: PickRequest = { model: '', now: 0, session: null }

/** Adds the candidates to the strategy and returns it. */
export function withCandidates<Given extends Strategy>(strategy: Given, all: readonly Candidate[]): Given {
  for (const each of all) strategy.add(each)
  return strategy
}

/** Counts how often each id is picked in `picks` picks. */
export function countPicks(picks: number, pick: () => Candidate | undefined): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let done = 0; done < picks; done++) {
    const id = pick()?.id ?? 'none'
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}
