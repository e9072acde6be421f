import type { Candidate, PickRequest, Strategy } from '../strategy.js'

/** A candidate whose figures a test sets. */
export type LiveCandidate = { -readonly [Name in keyof Candidate]: Candidate[Name] }

/** A key as strategies see it; its id says its place, so `a` came before `b`. */
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

/** `count` keys in the order of their numbers. */
export function candidates(count: number, changes: Partial<Candidate> = {}): LiveCandidate[] {
  return Array.from({ length: count }, (_, order) => candidate(`key-${order}`, { order, ...changes }))
}

export const anyone = (): boolean => true

/** A request that says nothing. */
export const plain: PickRequest = { model: '', now: 0, session: null }

/** The strategy with those candidates seated. */
export function seated<Seated extends Strategy>(strategy: Seated, all: readonly Candidate[]): Seated {
  for (const each of all) strategy.add(each)
  return strategy
}

/** How often each id was served, over that many picks. */
export function tally(picks: number, pick: () => Candidate | undefined): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let done = 0; done < picks; done++) {
    const id = pick()?.id ?? 'nobody'
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}
