import type { Within } from '../faults/fault.js'
import { cutBytes } from './cut-bytes.js'

/** The beginning of an event that breaks off within it; undefined where it has no character to break. */
export function partOfEvent(bytes: Buffer, within: Within): Buffer | undefined {
  if (within === 'event') return bytes.subarray(0, Math.ceil(bytes.length / 2))
  // Chance plays no part in a cut inside a character.
  const [part, ...rest] = cutBytes(bytes, 'utf8', () => 0)
  return rest.length === 0 ? undefined : part
}
