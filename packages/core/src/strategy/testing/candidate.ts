import type { Candidate } from '../strategy.js'

/** A key as strategies see it; its id says its place, so `a` came before `b`. */
export function candidate(id: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    id,
    label: null,
    weight: 1,
    order: id.codePointAt(0) ?? 0,
    inFlight: 0,
    requests: 0,
    successes: 0,
    ...changes,
  }
}

/** `count` keys in the order of their numbers. */
export function candidates(count: number): Candidate[] {
  return Array.from({ length: count }, (_, order) => candidate(`key-${order}`, { order }))
}

export const anyone = (): boolean => true

/** How often each id was served, over that many picks. */
export function tally(picks: number, pick: () => Candidate | undefined): Record<string, number> {
  const counts: Record<string, number> = {}
  for (let done = 0; done < picks; done++) {
    const id = pick()?.id ?? 'nobody'
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}
