import type { Within } from '../faults/fault.js'
import { cutBytes } from './cut-bytes.js'

/** Returns the first part of an event that breaks off inside; undefined when it has no character to break. */
export function partOfEvent(bytes: Buffer, within: Within): Buffer | undefined {
  if (within === 'event') return bytes.subarray(0, Math.ceil(bytes.length / 2))
  // A cut inside a character needs no random number.
  const [part, ...rest] = cutBytes(bytes, 'utf8', () => 0)
  return rest.length === 0 ? undefined : part
}
