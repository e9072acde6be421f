import { ShuffleBag } from './sampling/shuffle-bag.js'
import type { Candidate, Strategy } from './strategy.js'

/** Each key that may serve with equal chance, however many are passed over. */
export function random(chance: () => number): Strategy {
  const urn = new ShuffleBag(chance)

  const pick = (accepts: (candidate: Candidate) => boolean): Candidate | undefined => {
    for (let left = urn.size; left > 0; left--) {
      const place = urn.draw(left)
      const drawn = urn.at(place)
      if (accepts(drawn)) return drawn
      urn.setAside(place, left)
    }
    return undefined
  }

  return {
    add: (candidate) => urn.add(candidate),
    remove: (candidate) => urn.remove(candidate),
    pick,
    peek: (accepts) => urn.ahead(() => pick(accepts)),
  }
}
