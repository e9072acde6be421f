// @ts-check
/**
 * Measures every rival once per round. Each round starts with another rival, so that no rival always runs first or after
 * the same neighbour.
 * @template R, S
 * @param {{ rivals: readonly R[], rounds: number, measure: (rival: R, round: number) => Promise<S> }} plan
 * @returns {Promise<Map<R, S[]>>} samples in the order of the rounds
 */
export async function interleave({ rivals, rounds, measure }) {
  /** @type {Map<R, S[]>} */
  const samples = new Map(rivals.map((rival) => [rival, []]))
  for (let round = 0; round < rounds; round++) {
    const first = round % rivals.length
    for (const rival of [...rivals.slice(first), ...rivals.slice(0, first)]) {
      samples.get(rival)?.push(await measure(rival, round))
    }
  }
  return samples
}
