import type { Candidate } from '../strategy.js'
import type { ShuffleBag } from './shuffle-bag.js'

/**
 * The cheaper of two drawn by chance, or of the next two when neither is accepted, and so on: nearly as even as to
 * compare everyone, and no key is so cheap that all requests run there at once.
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
    // Where the first one stands will stand the last, once the first is set aside.
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
