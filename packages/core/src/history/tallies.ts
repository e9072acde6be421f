import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { type Latencies, Tally } from './tally.js'

/** Tallies by name: of one step and one dimension. */
export type Tallies = ReadonlyMap<string, Tally>

/** The name of all those for which a step has no room. */
export const otherName = 'other'

/** This share of the room is for names that were just used: one that comes late could never rise else. */
const newcomerShare = 4
/** Names that are added to others without a pause. */
const foldAtOnce = 500

/** Adds tallies to others, name by name. */
export function mergeTallies(into: Map<string, Tally>, more: Iterable<readonly [string, Tally]>): void {
  for (const [name, tally] of more) {
    const known = into.get(name)
    if (known === undefined) {
      // A copy, because both sides may go on counting.
      const copy = new Tally()
      copy.merge(tally)
      into.set(name, copy)
    } else known.merge(tally)
  }
}

/**
 * Keeps the names with the most requests, and adds the rest to `other`, so that the sums stay exact. `fresh` are the
 * names that were used just now: a quarter of the room is for the busiest of them.
 */
export function foldTallies(tallies: Map<string, Tally>, names: number, fresh: Tallies = noTallies): void {
  for (const _ of foldingTallies(tallies, names, fresh));
}

/** The same in parts of a millisecond or two, for whoever folds many thousand names. */
export function* foldingTallies(
  tallies: Map<string, Tally>,
  names: number,
  fresh: Tallies = noTallies,
): Generator<void, void, undefined> {
  if (tallies.size <= names) return
  const other = tallies.get(otherName) ?? new Tally()
  tallies.delete(otherName)
  const ranked = Array.from(tallies, ([name, tally]) => ({ name, tally, requests: tally.requests }))
  yield
  ranked.sort((one, another) => another.requests - one.requests)
  yield
  for (const [at, { name, tally }] of leavingOf(ranked, names, fresh).entries()) {
    other.merge(tally)
    tallies.delete(name)
    if (at % foldAtOnce === foldAtOnce - 1) yield
  }
  tallies.set(otherName, other)
}

interface Ranked {
  readonly name: string
  readonly tally: Tally
}

/** Those for whom there is no room. What newcomers leave of theirs goes to the busiest of the others. */
function leavingOf(ranked: readonly Ranked[], names: number, fresh: Tallies): Ranked[] {
  const sure = names - Math.floor(names / newcomerShare)
  let room = names - sure
  const leaving: Ranked[] = []
  for (const each of ranked.slice(sure)) {
    if (fresh.has(each.name) && room > 0) room--
    else leaving.push(each)
  }
  return leaving.slice(room)
}

const noTallies: Tallies = new Map()

export function encodeTallies(tallies: Tallies): Uint8Array {
  const writer = new ByteWriter()
  for (const [name, tally] of tallies) {
    writer.text(name)
    tally.write(writer)
  }
  return writer.bytes()
}

/** Throws a `RangeError` for bytes that are damaged. */
export function decodeTallies(bytes: Uint8Array, latencies: Latencies = 'all'): Map<string, Tally> {
  const reader = new ByteReader(bytes)
  const tallies = new Map<string, Tally>()
  while (reader.hasMore) {
    const name = reader.text()
    const tally = tallies.get(name) ?? new Tally()
    tally.read(reader, latencies)
    tallies.set(name, tally)
  }
  return tallies
}
