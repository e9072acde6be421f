/** Wrong keys of one address that are answered at once: a typing error, or a program that was given an old key. */
const freeCount = 10
/** After this time one wrong key of an address is forgotten. */
const forgetMs = 6_000
const firstDelayMs = 100
const longestDelayMs = 5_000
/** Addresses that are remembered; beyond them, the one whose last wrong key is the oldest is forgotten. */
const maxAddresses = 10_000

interface WrongKeyCount {
  readonly count: number
  readonly at: number
}

/**
 * Counts wrong keys by address, and says how long the answer to the next one waits. Right keys are not slowed,
 * not even those from the same address.
 */
export class WrongKeys {
  readonly #now: () => number
  /** By address, in the order of the last wrong key. */
  readonly #records = new Map<string, WrongKeyCount>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** Counts a wrong key, and returns how many milliseconds its answer should wait. */
  count(address: string | undefined): number {
    const at = this.#now()
    const network = networkOf(address ?? '')
    const before = this.#records.get(network)
    // A clock that was set back forgets nothing.
    const forgotten = before === undefined ? 0 : Math.max(0, at - before.at) / forgetMs
    const count = Math.max(0, (before?.count ?? 0) - forgotten) + 1
    this.#records.delete(network)
    this.#records.set(network, { count, at })
    if (this.#records.size > maxAddresses) {
      const [oldest] = this.#records.keys()
      this.#records.delete(oldest as string)
    }
    if (count <= freeCount) return 0
    return Math.min(longestDelayMs, Math.round(firstDelayMs * 2 ** (count - freeCount - 1)))
  }
}

/** Of an IPv6 address the half that a provider gives to one customer, who may use any address of it. */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) while (groups.length < 4) groups.push('0')
  return groups.slice(0, 4).join(':')
}
