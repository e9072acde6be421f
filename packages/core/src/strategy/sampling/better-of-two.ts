import type { Candidate } from '../strategy.js'
import type { ShuffleBag } from './shuffle-bag.js'

/**
 * Picks the cheaper of two random candidates, or of the next two when neither is accepted. The load becomes nearly as even
 * as by comparing all candidates, and requests that arrive together do not all choose the cheapest one.
 */
export function betterOfTwo(
  bag: ShuffleBag,
  cost: (candidate: Candidate) => number,
  accepts: (candidate: Candidate) => boolean,
): Candidate | undefined {
  for (let left = bag.size; left > 0; left -= 2) {
    const place = bag.draw(left)
    const one = bag.at(place)
    if (left === 1) return accepts(one) ? one : undefined
    const otherPlace = bag.draw(left - 1)
    // Setting the first candidate aside puts the last one in its place.
    const other = bag.at(otherPlace === place ? left - 1 : otherPlace)
    const isDearer = cost(other) < cost(one)
    const [first, second] = isDearer ? [other, one] : [one, other]
    if (accepts(first)) return first
    if (accepts(second)) return second
    bag.setAside(place, left)
    bag.setAside(otherPlace, left - 1)
  }
  return undefined
}
