import { distance } from 'fastest-levenshtein'

/**
 * The name that a mistyped word most likely stands for; undefined when none is near. Case, hyphens and underscores do not
 * count: `client_key` means `clientKey`.
 */
export function didYouMean(written: string, names: readonly string[]): string | undefined {
  const plain = plainOf(written)
  // A third of the letters may be wrong: of three one, of nine three.
  let nearest = Math.ceil(plain.length / 3) + 1
  let found: string | undefined
  for (const name of names) {
    const faults = faultsOf(plain, plainOf(name))
    if (faults >= nearest) continue
    nearest = faults
    found = name
  }
  return plain.length > 1 ? found : undefined
}

/** Letters that changed places are one fault, not two: `prot` is nearer to `port` than to `probe`. */
function faultsOf(written: string, name: string): number {
  const faults = distance(written, name)
  return faults > 1 && lettersOf(written) === lettersOf(name) ? faults - 1 : faults
}

const lettersOf = (word: string): string => [...word].sort().join('')

const plainOf = (name: string): string => name.replaceAll(/[-_]/g, '').toLowerCase()
